import type {
  DistillationLoss,
  PairLoss,
  Recipe,
  RecipeSettings,
  ScoreLoss,
} from '../../../learning/training/recipes/recipe.ts';
import type { TrainingData } from '../../../learning/training/recipes/training-data.ts';
import { UsageError } from '../failure.ts';
import { readPairs, readPictures, readScores, readTexts } from './read-training-file.ts';

/** The command's options as they are written. */
export interface TrainOptions {
  readonly model: string;
  readonly out: string;
  readonly recipe?: Recipe['kind'];
  readonly pairs?: string;
  readonly catalogue?: string;
  readonly scores?: string;
  readonly distill?: string;
  readonly texts?: string;
  readonly pictures?: string;
  readonly textModel: string;
  readonly loss?: string;
  readonly temperature?: number;
  readonly learnTemperature?: boolean;
  readonly margin?: number;
  readonly layers?: number;
  readonly weights?: string;
  readonly rank?: number;
  readonly adapter?: 'linear' | 'low-rank' | 'mlp';
  readonly keepLayers?: number[];
  readonly tableRank?: number;
  readonly steps?: number;
  readonly batch?: number;
  readonly items?: number;
  readonly sample?: 'pairs' | 'queries';
  readonly learningRate?: number;
  readonly schedule?: RecipeSettings['schedule'];
  readonly accumulate?: number;
  readonly chunk?: number;
  readonly anchor?: number;
  readonly matryoshka?: number[];
  readonly maxTokens?: number;
  readonly seed?: number;
  readonly heldOut?: number;
  readonly patience?: number;
  readonly checkpointEvery: number;
  readonly resume?: boolean;
  readonly memoryLimit?: number;
  readonly threads?: number;
  readonly provider?: 'cpu' | 'webgpu' | 'cuda';
  readonly storage?: 'fp32' | 'fp16' | 'int8';
  readonly data?: string;
  readonly json?: boolean;
}

/** Throws `UsageError` for what does not go together. */
export function recipeOf(options: TrainOptions): Recipe {
  const kind = options.recipe ?? 'encoder';
  const last = options.layers === undefined ? {} : { lastLayers: options.layers };
  const rank = options.rank === undefined ? {} : { rank: options.rank };
  const width = options.rank === undefined ? {} : { width: options.rank };
  const adapter = options.adapter === undefined ? {} : { adapter: options.adapter };
  const forbid = (given: unknown, flag: string): void => {
    if (given !== undefined) throw new UsageError(`${flag} has no meaning for the recipe ${kind}.`);
  };
  const layered = kind === 'encoder' || kind === 'lora' || (kind === 'two-tower' && options.pictures !== undefined);
  if (!layered) forbid(options.layers, '--layers');
  if (kind !== 'encoder') forbid(options.weights, '--weights');
  if (kind !== 'adapter' && kind !== 'two-tower') forbid(options.adapter, '--adapter');
  if (kind === 'encoder' || kind === 'token-table') forbid(options.rank, '--rank');
  switch (kind) {
    case 'encoder':
      return { kind, ...last, ...(options.weights === undefined ? {} : { parameters: options.weights }) };
    case 'lora':
      return { kind, ...last, ...rank };
    case 'adapter':
      return { kind, ...adapter, ...width };
    case 'two-tower':
      return { kind, ...adapter, ...width, ...last };
    case 'token-table':
      return { kind };
  }
}

/** Reads what is trained from. Throws `UsageError`, `invalid_file`. */
export async function dataOf(options: TrainOptions, teacher: string | null, textModel: string): Promise<TrainingData> {
  const { pairs, scores, distill, pictures } = options;
  const given = Object.entries({ pairs, scores, distill, pictures }).filter(([, value]) => value !== undefined);
  if (given.length !== 1) {
    throw new UsageError(
      'Give one of --pairs, --scores, --distill and --pictures.',
      'For example: embedding-studio train --pairs pairs.tsv --out models/mine',
    );
  }
  if (pairs !== undefined) {
    const catalogue = options.catalogue === undefined ? {} : { catalogue: await readTexts(options.catalogue) };
    return { kind: 'pairs', pairs: await readPairs(pairs), ...catalogue, loss: pairLoss(options) };
  }
  if (scores !== undefined) return { kind: 'scores', rows: await readScores(scores), ...scoreLoss(options) };
  if (pictures !== undefined) return { kind: 'pictures', pictures: await readPictures(pictures), textModel };
  if (options.texts === undefined) throw new UsageError('--distill needs --texts: a file with a text a line.');
  return {
    kind: 'texts',
    texts: await readTexts(options.texts),
    teacher: teacher ?? '',
    loss: distillationLoss(options),
  };
}

function pairLoss({ loss = 'info-nce', temperature, learnTemperature, margin }: TrainOptions): PairLoss {
  const sharp = temperature === undefined ? {} : { temperature };
  if (loss === 'info-nce') return { kind: loss, ...sharp, ...(learnTemperature === true ? { learnTemperature } : {}) };
  if (loss === 'listwise') return { kind: loss, ...sharp };
  if (loss === 'margin') return { kind: loss, ...(margin === undefined ? {} : { margin }) };
  throw new UsageError(`There is no loss "${loss}" for pairs.`, 'There are info-nce, margin and listwise.');
}

function scoreLoss({ loss }: TrainOptions): { readonly loss?: ScoreLoss } {
  if (loss === undefined) return {};
  if (loss === 'cosent' || loss === 'cosine-mse') return { loss: { kind: loss } };
  throw new UsageError(`There is no loss "${loss}" for scores.`, 'There are cosent and cosine-mse.');
}

function distillationLoss({ loss = 'cosine', temperature }: TrainOptions): DistillationLoss {
  if (loss === 'cosine' || loss === 'mse') return { kind: loss };
  if (loss === 'kl') return { kind: loss, ...(temperature === undefined ? {} : { temperature }) };
  throw new UsageError(`There is no loss "${loss}" to distill by.`, 'There are cosine, mse and kl.');
}

const SETTINGS = [
  'steps',
  'batch',
  'items',
  'sample',
  'learningRate',
  'schedule',
  'accumulate',
  'chunk',
  'anchor',
  'maxTokens',
  'seed',
] as const;

/** What of the recipe's defaults is overruled. */
export function settingsOf(options: TrainOptions): Partial<RecipeSettings> {
  const given = SETTINGS.flatMap((name) => (options[name] === undefined ? [] : [[name, options[name]] as const]));
  const prefixes = options.matryoshka?.map((dimensions) => ({ dimensions, weight: 1 }));
  return { ...Object.fromEntries(given), ...(prefixes === undefined ? {} : { matryoshka: prefixes }) };
}
