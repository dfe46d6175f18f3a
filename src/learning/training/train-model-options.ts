import type { Recipe, RecipeSettings } from './recipes/recipe.ts';
import type { TrainingData } from './recipes/training-data.ts';
import type { WeightStorage } from './result/write-result.ts';
import type { TrainingControls, TrainingOutcome } from './training-plan.ts';

/** How a smaller student is cut out of the model before it is trained. */
export interface StudentShape {
  /** Numbers of the layers that stay, 0 among them. */
  readonly keepLayers?: readonly number[];
  /** The token table is written as a product of this rank. */
  readonly tableRank?: number;
}

export interface TrainModelOptions extends Omit<TrainingControls, 'checkpoint'> {
  /** Folder of the model to begin with. */
  readonly model: string;
  /** Folder of the result; it must not be there. */
  readonly out: string;
  readonly recipe: Recipe;
  readonly data: TrainingData;
  /** What differs from the recipe's defaults. */
  readonly settings?: Partial<RecipeSettings>;
  readonly student?: StudentShape;
  /** Share of the data (of queries, for pairs) that is held out to judge by; none by default. */
  readonly heldOut?: number;
  /** Stops when so many evaluations in a row were no better, and keeps the best weights. */
  readonly patience?: number;
  /** Evaluations on what is held out; by default ten in the training. */
  readonly evaluateEvery?: number;
  /** Steps between checkpoints; none are written when left out. */
  readonly checkpointEvery?: number;
  /** Go on from the checkpoint where there is one. */
  readonly resume?: boolean;
  readonly storage?: WeightStorage;
  /** Further words of the card about the data: where it was taken from. */
  readonly origin?: Readonly<Record<string, unknown>>;
}

export interface TrainModelResult extends TrainingOutcome {
  /** The result's folder; null when the training was cancelled. */
  readonly folder: string | null;
}
