import { mkdir, rm } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { canonicalJson, sha256 } from '../../foundation/core/hash.ts';
import type { Model } from '../../foundation/onnx/graph/graph.ts';
import type { ModelSpec } from '../../serving/models/model-spec.ts';
import { readModelFolder } from '../../serving/models/read-model-folder.ts';
import type { Objectives } from './recipes/objective-context.ts';
import { objectivesOf } from './recipes/objectives-of.ts';
import { openTrainee } from './recipes/open-trainee.ts';
import { optimizerOf, type RecipeSettings, recipeDefaults } from './recipes/recipe.ts';
import { refuseImpossible, refuseUnread } from './recipes/refuse-impossible.ts';
import { describeData, type TrainingData } from './recipes/training-data.ts';
import { refuseExisting, writeResult } from './result/write-result.ts';
import { FrozenEncoder } from './sources/frozen-encoder.ts';
import { loadEncoder, type OpenedEncoder } from './sources/load-encoder.ts';
import type { Watch } from './sources/watch.ts';
import { factoriseTable } from './students/factorise-table.ts';
import { keepLayers } from './students/keep-layers.ts';
import { train } from './train.ts';
import type { StudentShape, TrainModelOptions, TrainModelResult } from './train-model-options.ts';
import type { Trainee } from './trainables/trainee.ts';
import type { TrainingControls, TrainingOutcome, TrainingPlan } from './training-plan.ts';

/** Where a training that was interrupted is continued from. */
export const checkpointFile = (out: string): string => `${resolve(out)}.checkpoint`;

/** An encoder that learns scores wants smaller steps, and more of them, than one that learns pairs. */
const SCORES: Partial<RecipeSettings> = { steps: 360, batch: 32, learningRate: 2e-5 };

/** Batches that the held-out loss is a mean of. */
const VALIDATION_BATCHES = 8;

/**
 * Trains a model folder into a new one.
 *
 * @throws StudioError `invalid_training`, `invalid_model`, `training_too_large`, `invalid_checkpoint`
 * @example
 * await trainModel({
 *   model: 'models/starter',
 *   out: 'models/mine',
 *   recipe: { kind: 'encoder' },
 *   data: { kind: 'pairs', pairs: [{ query: 'rain coat', item: 'Yellow mackintosh' }] },
 *   onEvent: (event) => event.type === 'step' && console.log(event.step, event.loss),
 * });
 */
export async function trainModel(options: TrainModelOptions): Promise<TrainModelResult> {
  const { out, recipe, data, student = {} } = options;
  const settings = settingsOf(options);
  refuseUnread(recipe, data, options.settings ?? {});
  await refuseExisting(resolve(out));
  const opened = await loadEncoder(options.model);
  const teacherFolder = teacherOf(data);
  const teacherSpec = teacherFolder === null ? null : await readModelFolder(teacherFolder);
  refuseImpossible(recipe, data, opened.spec, teacherSpec);
  const encoder = { ...opened, model: studentOf(opened.model, student) };
  const watch = watchOf(options);
  const frozen = new FrozenEncoder(options.model, watch);
  const teacher = teacherFolder === null ? null : new FrozenEncoder(teacherFolder, watch);
  try {
    const texts = data.kind === 'pictures' && recipe.kind === 'two-tower' ? await loadEncoder(data.textModel) : null;
    const trainee = await openTrainee(encoder, texts, frozen, recipe, settings, watch);
    const { heldOut = 0 } = options;
    const objectives = await objectivesOf(data, { encoder, frozen, teacher, trainee, settings, heldOut });
    await mkdir(dirname(resolve(out)), { recursive: true });
    const plan = planOf(trainee, objectives, settings, options);
    const outcome = await train(plan, controlsOf(options, settings, opened.sha256));
    if (outcome.status === 'cancelled') return { ...outcome, folder: null };
    await writeOutcome(options, settings, opened, teacherSpec, trainee, outcome);
    await rm(checkpointFile(out), { force: true });
    return { ...outcome, folder: resolve(out) };
  } catch (error) {
    if (options.signal?.aborted !== true || error !== options.signal.reason) throw error;
    options.onEvent?.({ type: 'cancelled', step: 0 });
    return { status: 'cancelled', step: 0, parameters: new Map(), losses: [], stoppedEarly: false, folder: null };
  } finally {
    await frozen.close();
    await teacher?.close();
  }
}

function settingsOf({ recipe, data, settings }: TrainModelOptions): RecipeSettings {
  // Of pictures both encoders are trained, not adapters behind them.
  const kind = data.kind === 'pictures' ? 'encoder' : recipe.kind;
  const gentle = data.kind === 'scores' && kind === 'encoder' ? SCORES : {};
  return { ...recipeDefaults(kind), ...gentle, ...settings };
}

function teacherOf(data: TrainingData): string | null {
  if (data.kind === 'texts') return data.teacher;
  return data.kind === 'pictures' ? data.textModel : null;
}

function studentOf(model: Model, { keepLayers: layers, tableRank }: StudentShape): Model {
  const shallow = layers === undefined ? model : keepLayers(model, layers);
  return tableRank === undefined ? shallow : factoriseTable(shallow, tableRank);
}

const watchOf = ({ signal, onEvent }: TrainModelOptions): Watch => ({
  ...(signal === undefined ? {} : { signal }),
  onProgress: (what, done, total) => onEvent?.({ type: 'preparing', what, done, total }),
});

function planOf(
  trainee: Trainee,
  { training, validation, parameters }: Objectives,
  settings: RecipeSettings,
  { patience, evaluateEvery }: TrainModelOptions,
): TrainingPlan {
  const { steps, accumulate } = settings;
  const plan = {
    objective: training,
    parameters: new Map([...trainee.parameters, ...parameters]),
    steps,
    accumulate,
    optimizer: optimizerOf(settings),
  };
  if (validation === null) return plan;
  const everySteps = evaluateEvery ?? Math.max(1, Math.ceil(steps / 10));
  const patient = patience === undefined ? {} : { patience };
  return { ...plan, validation: { objective: validation, batches: VALIDATION_BATCHES, everySteps, ...patient } };
}

function controlsOf(options: TrainModelOptions, settings: RecipeSettings, modelSha256: string): TrainingControls {
  const { out, checkpointEvery, resume = false, recipe, student, heldOut, data } = options;
  const { signal, onEvent, memoryLimitBytes, provider, threads } = options;
  const given = { signal, onEvent, memoryLimitBytes, provider, threads };
  const controls = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  if (checkpointEvery === undefined && !resume) return controls;
  const { description, ...identity } = describeData(data);
  const teacher = teacherOf(data);
  const decides = { modelSha256, recipe, student, settings, heldOut, identity, teacher, loss: data.loss };
  return {
    ...controls,
    checkpoint: {
      file: checkpointFile(out),
      everySteps: checkpointEvery ?? settings.steps,
      fingerprint: sha256(canonicalJson(decides)),
      resume,
    },
  };
}

async function writeOutcome(
  { out, recipe, student, data, storage, origin }: TrainModelOptions,
  settings: RecipeSettings,
  { spec, sha256: parentSha256 }: OpenedEncoder,
  teacher: ModelSpec | null,
  trainee: Trainee,
  { step, losses, stoppedEarly, parameters }: TrainingOutcome,
): Promise<void> {
  const space = data.kind === 'texts' ? teacher?.outputs[0]?.space : undefined;
  await writeResult({
    out,
    parent: spec,
    parentSha256,
    models: trainee.result(parameters),
    lineage: {
      recipe: { ...recipe, ...student, ...settings, loss: data.loss, teacher: teacher?.id },
      data: { ...describeData(data), ...origin },
      metrics: { steps: step, lastLoss: losses.at(-1), stoppedEarly },
    },
    ...(space === undefined ? {} : { space }),
    ...(storage === undefined ? {} : { storage }),
  });
}
