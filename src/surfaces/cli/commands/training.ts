import { type Command, InvalidArgumentError, Option } from 'commander';
import { CLICK_MODELS, type ClickModelName } from '../../../learning/judgments/click-models/click-model-names.ts';
import { PARTS } from '../../../learning/training/datasets/example.ts';
import { TRAINING_RECIPES, type TrainingRecipe } from '../../../learning/training/runs/training-request.ts';
import type { TrainingResult } from '../../../learning/training/runs/training-run.ts';
import { withClient } from '../connect.ts';
import { UsageError } from '../failure.ts';
import { waitRun } from '../wait-run.ts';
import { type CommandContext, type CommonOptions, withPlaceOrUrl } from './command-context.ts';

interface StartOptions extends CommonOptions {
  readonly recipe: TrainingRecipe;
  readonly batch?: string;
  readonly from?: string;
  readonly to?: string;
  readonly sets?: string[];
  readonly control?: boolean;
  readonly name?: string;
  readonly model?: string;
  readonly seed?: number;
  readonly steps?: number;
  readonly epochs?: number;
  readonly batchSize?: number;
  readonly learningRate?: number;
  readonly rank?: number;
  readonly patience?: number;
  readonly clickModel?: ClickModelName[];
  readonly splitBy?: 'query' | 'time';
  readonly validation?: number;
  readonly heldOut?: number;
  readonly hardNegatives?: number;
  readonly anonymity?: number;
  readonly threads?: number;
  readonly detach?: boolean;
}

export function addTraining(program: Command, context: CommandContext): void {
  const training = program.command('training').description('train a model of what was clicked in a collection');
  withPlaceOrUrl(training.command('start', { isDefault: true }))
    .description('begin a training and show how far it is; interrupting leaves it to go on')
    .argument('<collection>')
    .addOption(
      new Option('--recipe <recipe>', 'query-adapter keeps the index; encoder trains the whole model')
        .choices(TRAINING_RECIPES)
        .default('query-adapter'),
    )
    .option('--batch <id>', 'train from this batch of sessions')
    .option('--from <moment>', 'searches from then on, for example 2026-01-31T00:00:00Z')
    .option('--to <moment>', 'searches before')
    .option('--sets <names...>', 'sets of judgments to train from too')
    .option('--control', 'deal the clicks to random pages: the click-blind twin')
    .option('--name <name>', 'of the new model')
    .option('--model <model>', "model to begin with; the collection's when left out")
    .option('--seed <number>', 'of all that is random', number)
    .option('--steps <count>', 'steps of the optimizer', number)
    .option('--epochs <number>', 'in the place of --steps: how often each query comes', number)
    .option('--batch-size <count>', 'pairs in a batch', number)
    .option('--learning-rate <rate>', 'highest learning rate', number)
    .option('--rank <rank>', 'of an adapter, or of LoRA', number)
    .option('--patience <count>', 'stop after so many evaluations without progress', number)
    .addOption(new Option('--click-model <names...>', 'click models to choose from').choices([...CLICK_MODELS]))
    .addOption(new Option('--split-by <what>', 'how queries are held out').choices(['query', 'time']))
    .option('--validation <share>', 'share of the queries that training is stopped by', number)
    .option('--held-out <share>', 'share of the queries that training never sees', number)
    .option('--hard-negatives <count>', 'further wrong items a query, found by searching', number)
    .option('--anonymity <clients>', 'leave out queries that fewer clients asked', number)
    .option('--threads <count>', 'threads that compute', number)
    .option('--detach', 'with --url: do not wait')
    .action((collection: string, options: StartOptions) => start(context, collection, options));
}

async function start(context: CommandContext, collection: string, options: StartOptions): Promise<void> {
  if (options.detach === true && options.url === undefined)
    throw new UsageError('--detach needs --url: without a server nobody would go on with the training.');
  const stop = new AbortController();
  context.environment.onStop(() => stop.abort());
  const run = await withClient(context.environment, options, async (client) => {
    const begun = await client.startTraining(collection, bodyOf(options));
    if (options.detach === true) return begun;
    return await waitRun(client, begun.id, context.progress(options), stop.signal, 'leave');
  });
  if (options.json === true) return context.printJson(run);
  if (run.result === null)
    return context.print(`Begun as ${run.id}; \`embedding-studio runs watch\` shows how far it is.`);
  report(context, run.result as unknown as TrainingResult);
}

function bodyOf(options: StartOptions) {
  const { batch, from, to, sets, splitBy, validation, heldOut, hardNegatives } = options;
  const { recipe, control, name, model, seed, steps, epochs, learningRate, rank, patience } = options;
  return {
    ...{ recipe, control, name, model, seed, steps, epochs, learningRate, rank, patience, sets },
    ...{ batch: options.batchSize, clickModels: options.clickModel, anonymity: options.anonymity },
    ...{ threads: options.threads, source: { batchId: batch, from, to } },
    split: { by: splitBy, validation, heldOut },
    ...(hardNegatives === undefined ? {} : { hardNegatives: { perQuery: hardNegatives } }),
  };
}

function report(
  context: CommandContext,
  { model, steps, stoppedEarly, snapshot, dataset, validation }: TrainingResult,
): void {
  const { examples, queries } = dataset.counts as Record<'examples' | 'queries', Record<string, number>>;
  context.print(`Made the model ${model}: ${steps} steps${stoppedEarly ? ', stopped early' : ''}.`);
  context.print(`examples: ${countsOf(examples)}; queries: ${countsOf(queries)}; snapshot ${snapshot.slice(0, 12)}…`);
  if (validation === null) return;
  const { queries: watched, before, after, note } = validation;
  context.print(
    `dense nDCG@10 of ${watched} queries that watched: ${before.toFixed(3)} → ${after.toFixed(3)}. ${note}`,
  );
}

const countsOf = (counts: Readonly<Record<string, number>>): string =>
  PARTS.map((part) => `${part} ${counts[part] ?? 0}`).join(', ');

function number(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) throw new InvalidArgumentError('It is a number.');
  return value;
}
