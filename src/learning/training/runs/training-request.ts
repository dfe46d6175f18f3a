import type { ClickModelName } from '../../judgments/click-models/click-model-names.ts';
import type { DatasetRequest } from '../datasets/dataset-request.ts';
import { type Recipe, type RecipeSettings, recipeDefaults } from '../recipes/recipe.ts';

/** What is trained, as it is asked for. */
export const TRAINING_RECIPES = ['query-adapter', 'encoder', 'lora', 'two-tower', 'token-table'] as const;
export type TrainingRecipe = (typeof TRAINING_RECIPES)[number];

/** A training as somebody asks for it. */
export interface TrainingRequest {
  readonly recipe: TrainingRecipe;
  /** The whole log when left out. */
  readonly source?:
    | { readonly batchId?: string | undefined; readonly from?: string | undefined; readonly to?: string | undefined }
    | undefined;
  readonly sets?: readonly string[] | undefined;
  readonly control?: boolean | undefined;
  /** Name of the result in the models' folder; made of collection, recipe and run when left out. */
  readonly name?: string | undefined;
  /** To begin with; the collection's text model when left out. */
  readonly model?: string | undefined;
  readonly seed?: number | undefined;
  /** One of the two; the recipe's own number of steps when both are left out. */
  readonly steps?: number | undefined;
  readonly epochs?: number | undefined;
  readonly batch?: number | undefined;
  readonly learningRate?: number | undefined;
  /** Rank of an adapter or of LoRA. */
  readonly rank?: number | undefined;
  /** Evaluations in a row without progress that end it, and the best weights stay; 0, the default: never, and the last ones stay. */
  readonly patience?: number | undefined;
  readonly checkpointEvery?: number | undefined;
  readonly threads?: number | undefined;
  readonly clickModels?: readonly ClickModelName[] | undefined;
  readonly halfLifeDays?: number | undefined;
  readonly anonymity?: number | undefined;
  readonly split?:
    | {
        readonly by?: 'query' | 'time' | undefined;
        readonly validation?: number | undefined;
        readonly heldOut?: number | undefined;
      }
    | undefined;
  readonly caps?:
    | {
        readonly perQuery?: number | undefined;
        readonly perClient?: number | undefined;
        readonly negatives?: number | undefined;
      }
    | undefined;
  readonly hardNegatives?: { readonly perQuery: number; readonly queries?: number | undefined } | undefined;
  readonly catalogue?: number | undefined;
}

/** The same with nothing left open: what a run keeps. */
export interface TrainingInput {
  readonly recipe: TrainingRecipe;
  readonly dataset: DatasetRequest;
  readonly model: string;
  /** Null: made of collection, recipe and run. */
  readonly name: string | null;
  readonly collection: string;
  readonly steps: number | null;
  readonly epochs: number | null;
  readonly batch: number | null;
  readonly learningRate: number | null;
  readonly rank: number | null;
  readonly patience: number;
  readonly checkpointEvery: number | null;
  readonly threads: number | null;
}

const DEFAULT_CAPS = { perQuery: 20, perClient: 1000, negatives: 20 };
const DEFAULT_SPLIT = { by: 'query', validation: 0.1, heldOut: 0.1 } as const;
const DEFAULT_MINED_QUERIES = 500;
const DEFAULT_CATALOGUE = 5000;
/** Stopped by the held-out loss an adapter learned half as much of what was asked before (bench/learning-from-clicks.ts): clicks fall on what is shown. */
const DEFAULT_PATIENCE = 0;
const DEFAULT_HALF_LIFE_DAYS = 90;

/** Fills in what was left out. */
export function inputOf(
  request: TrainingRequest,
  collection: string,
  collectionId: number,
  model: string,
): TrainingInput {
  const { recipe, source = {}, hardNegatives, split, caps } = request;
  return {
    ...{ recipe, collection, model, name: request.name ?? null, steps: request.steps ?? null },
    ...{ epochs: request.epochs ?? null, batch: request.batch ?? null, learningRate: request.learningRate ?? null },
    ...{ rank: request.rank ?? null, patience: request.patience ?? DEFAULT_PATIENCE },
    ...{ checkpointEvery: request.checkpointEvery ?? null, threads: request.threads ?? null },
    dataset: {
      collectionId,
      ...{ batchId: source.batchId ?? null, from: source.from ?? null, to: source.to ?? null },
      ...{ sets: [...new Set(request.sets ?? [])], control: request.control ?? false, seed: request.seed ?? 1 },
      clickModels: request.clickModels ?? ['position-based'],
      halfLifeDays: request.halfLifeDays ?? DEFAULT_HALF_LIFE_DAYS,
      anonymity: request.anonymity ?? 1,
      split: {
        by: split?.by ?? DEFAULT_SPLIT.by,
        validation: split?.validation ?? DEFAULT_SPLIT.validation,
        heldOut: split?.heldOut ?? DEFAULT_SPLIT.heldOut,
      },
      caps: {
        perQuery: caps?.perQuery ?? DEFAULT_CAPS.perQuery,
        perClient: caps?.perClient ?? DEFAULT_CAPS.perClient,
        negatives: caps?.negatives ?? DEFAULT_CAPS.negatives,
      },
      hardNegatives: {
        perQuery: hardNegatives?.perQuery ?? 0,
        queries: hardNegatives?.queries ?? DEFAULT_MINED_QUERIES,
      },
      // Batches of adapters hold the items of their pairs alone, and each further item would be encoded for nothing.
      catalogue: usesCatalogue(recipe) ? (request.catalogue ?? DEFAULT_CATALOGUE) : 0,
    },
  };
}

const usesCatalogue = (recipe: TrainingRecipe): boolean => recipe !== 'query-adapter' && recipe !== 'two-tower';

export function recipeOf({ recipe, rank }: Pick<TrainingInput, 'recipe' | 'rank'>): Recipe {
  const width = rank === null ? {} : { width: rank };
  if (recipe === 'query-adapter') return { kind: 'adapter', ...width };
  if (recipe === 'two-tower') return { kind: 'two-tower', ...width };
  if (recipe === 'lora') return { kind: 'lora', ...(rank === null ? {} : { rank }) };
  return { kind: recipe };
}

/** Settings of the recipe that were asked for; an epoch has each of so many queries once. */
export function settingsOf(input: TrainingInput, queries: number): Partial<RecipeSettings> {
  const { recipe, batch, learningRate, steps, epochs, dataset } = input;
  const defaults = recipeDefaults(recipeOf(input).kind);
  const pairs = batch ?? defaults.batch;
  const wanted = epochs === null ? steps : Math.max(1, Math.ceil((epochs * queries) / pairs));
  return {
    seed: dataset.seed,
    ...(wanted === null ? {} : { steps: wanted }),
    ...(batch === null ? {} : { batch, items: recipe === 'query-adapter' ? batch : 2 * batch }),
    ...(learningRate === null ? {} : { learningRate }),
  };
}
