import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { StudioError } from '../../../foundation/core/errors.ts';
import type { RunContext, RunKind } from '../../../foundation/jobs/run.ts';
import { buildDataset, type DatasetOptions } from '../datasets/build-dataset.ts';
import { type SnapshotOrigin, writeSnapshot } from '../datasets/snapshot.ts';
import { RunFolder, removeAbandoned } from './run-folder.ts';
import { trainBeside } from './train-beside.ts';
import type { TrainedOutcome } from './training-job.ts';
import { TrainingProgress } from './training-progress.ts';
import { recipeOf, settingsOf, type TrainingInput } from './training-request.ts';

export const TRAINING = 'training';

export interface TrainingRunOptions extends DatasetOptions {
  /** Data directory: snapshots, what is under way, and the models that come out lie in it. */
  readonly folder: string;
  readonly models: {
    /** Opens the card of a model, so that it is known from then on. */
    spec(id: string): Promise<{ readonly folder: string }>;
  };
}

export interface TrainingResult extends TrainedOutcome {
  /** By which collections and searches name it. */
  readonly model: string;
  readonly folder: string;
  /** Hash of the file that it was trained from. */
  readonly snapshot: string;
  readonly dataset: Omit<SnapshotOrigin, 'split'>;
  /** [step, loss], at most sixty. */
  readonly losses: ReadonlyArray<readonly [number, number]>;
  readonly validationLosses: ReadonlyArray<readonly [number, number]>;
}

/** What is decided once and kept, whatever is logged meanwhile. */
interface Frozen {
  readonly snapshot: string;
  readonly origin: SnapshotOrigin;
}

/** Share of the memory that is free which a training may take. */
const MEMORY_SHARE = 0.9;
const CHECKPOINT_SHARE = 0.2;

/** The run that trains a model of the clicks in the log: dataset, snapshot, training in a thread, the new model's folder. */
export const trainingRun = (options: TrainingRunOptions): RunKind<TrainingInput, TrainingResult> => ({
  kind: TRAINING,
  work: (input, context) => work(options, input, context),
  shown: ({ dataset: { collectionId: _, ...dataset }, ...input }) => ({ ...input, dataset }),
});

async function work(options: TrainingRunOptions, input: TrainingInput, context: RunContext): Promise<TrainingResult> {
  const trainings = join(options.folder, 'training');
  await removeAbandoned(options.db, trainings);
  const run = new RunFolder(trainings, context.runId);
  const ended = await run.read<TrainingResult>('result');
  const result = ended ?? (await train(options, input, context, run));
  await publish(run, result, context.runId);
  await options.models.spec(result.model);
  await run.remove();
  return result;
}

async function train(
  options: TrainingRunOptions,
  input: TrainingInput,
  context: RunContext,
  run: RunFolder,
): Promise<TrainingResult> {
  const snapshots = join(options.folder, 'snapshots');
  const frozen = (await run.read<Frozen>('frozen')) ?? (await freeze(options, input, context, snapshots));
  await run.write('frozen', frozen);
  const { snapshot, origin } = frozen;
  const model = input.name ?? nameOf(input, context.runId);
  const out = join(run.path, model);
  // Of a process that died between the model and its figures; its checkpoint is gone, and the same comes out again.
  await rm(out, { recursive: true, force: true });
  const settings = settingsOf(input, (origin.counts.queries as { readonly train: number }).train);
  const steps = settings.steps ?? 0;
  const progress = new TrainingProgress(context.progress);
  const outcome = await trainBeside(
    {
      ...{ out, snapshots, snapshot, settings, recipe: recipeOf(input), patience: input.patience },
      model: (await options.models.spec(input.model)).folder,
      origin: { run: context.runId, ...{ snapshot, batches: origin.batchIds, control: origin.control } },
      checkpointEvery: input.checkpointEvery ?? Math.max(1, Math.ceil((steps === 0 ? 100 : steps) * CHECKPOINT_SHARE)),
      threads: input.threads ?? Math.max(1, availableParallelism() - 1),
      memoryLimitBytes: Math.round(process.availableMemory() * MEMORY_SHARE),
    },
    context.signal,
    (event) => progress.take(event),
  );
  const { split: _, ...dataset } = origin;
  const folder = join(options.folder, 'models', model);
  const result = { model, folder, snapshot, dataset, ...outcome, ...progress.curves() };
  await run.write('result', result);
  return result;
}

async function freeze(
  options: TrainingRunOptions,
  { dataset }: TrainingInput,
  context: RunContext,
  snapshots: string,
): Promise<Frozen> {
  const made = await buildDataset(options, dataset, context);
  context.progress({ done: 0, total: null, message: 'freezing the data' });
  return { snapshot: await writeSnapshot(snapshots, made), origin: made.origin };
}

/** Moves the model to where models lie; it is there already when a process died right after that. */
async function publish(run: RunFolder, { model, folder }: TrainingResult, runId: string): Promise<void> {
  const made = join(run.path, model);
  if (await isThere(made)) {
    if (await isThere(folder)) throw nameTaken(model, runId);
    await mkdir(join(folder, '..'), { recursive: true });
    await rename(made, folder);
  }
}

export const nameTaken = (model: string, runId?: string): StudioError =>
  new StudioError('invalid_training', `There is a model "${model}" already.`, {
    hint: `Choose another name${runId === undefined ? '' : `, or remove that folder and move training/${runId}/${model} there`}: a model is never changed, a new one is made.`,
  });

/** Runs are numbered by time: their first digits alone would be alike. */
const nameOf = ({ collection, recipe }: TrainingInput, runId: string): string =>
  `${collection}-${recipe}-${runId.slice(-8)}`;

const isThere = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );
