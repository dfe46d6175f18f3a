import { StudioError } from '../../../foundation/core/errors.ts';
import { createRandom } from '../../../foundation/core/random.ts';
import type { Tensor } from '../../../foundation/onnx/graph/tensor.ts';
import type { Objective } from '../objectives/objective.ts';
import type { FrozenEncoder } from '../sources/frozen-encoder.ts';
import type { LoadedEncoder } from '../sources/load-encoder.ts';
import type { Trainee } from '../trainables/trainee.ts';
import type { RecipeSettings } from './recipe.ts';

export interface Objectives {
  readonly training: Objective;
  /** Over what is held out; null when nothing is. */
  readonly validation: Objective | null;
  /** Weights that belong to the loss. */
  readonly parameters: ReadonlyMap<string, Tensor>;
}

export interface ObjectiveContext {
  readonly encoder: LoadedEncoder;
  /** The same encoder as it is served, before training. */
  readonly frozen: FrozenEncoder;
  /** Whose vectors are wanted; null where nobody's are. */
  readonly teacher: FrozenEncoder | null;
  readonly trainee: Trainee;
  readonly settings: RecipeSettings;
  /** Share of the data that is not trained on. */
  readonly heldOut: number;
}

/** The seed decides what is held out. */
export function splitHeldOut<T>(
  values: readonly T[],
  { heldOut, settings }: ObjectiveContext,
): [readonly T[], readonly T[]] {
  const count = Math.floor(values.length * heldOut);
  if (count === 0) return [values, []];
  const shuffled = createRandom(settings.seed).shuffle(values);
  return [shuffled.slice(count), shuffled.slice(0, count)];
}

/** Rows of data split into what is trained on and what is held out, each with its objective. */
export async function objectivesOfRows<T>(
  rows: readonly T[],
  what: string,
  context: ObjectiveContext,
  objective: (rows: readonly T[], seed: number) => Promise<Objective>,
): Promise<Objectives> {
  const [kept, held] = splitHeldOut(rows, context);
  if (kept.length < 2) throw tooLittle(what);
  return {
    parameters: new Map(),
    training: await objective(kept, context.settings.seed),
    validation: held.length === 0 ? null : await objective(held, 0),
  };
}

export const tooLittle = (what: string): StudioError =>
  new StudioError('invalid_training', `There are too few ${what} to train from.`, {
    hint: 'Give at least a few hundred.',
  });
