import { createRandom } from '../../../foundation/core/random.ts';
import type { ClickModel, FittedClickModel } from './click-model.ts';
import type { ClickSession } from './click-session.ts';
import { coec } from './coec.ts';
import { cascade, dynamicBayesian, simplifiedDynamicBayesian } from './dynamic-bayesian.ts';
import { naive } from './naive.ts';
import { perplexityOf } from './perplexity.ts';
import { positionBased } from './position-based.ts';

export interface ClickModelChoice {
  /** The chosen model, fitted to all sessions. */
  readonly fitted: FittedClickModel;
  /** Held-out perplexity of every model, best first. */
  readonly ranking: ReadonlyArray<{ readonly name: string; readonly perplexity: number }>;
}

export interface ChooseOptions {
  readonly models?: readonly ClickModel[];
  /** Share of the sessions that is held out. */
  readonly heldOutShare?: number;
  readonly seed?: number;
}

export const clickModels = (): ClickModel[] => [
  positionBased(),
  dynamicBayesian(),
  simplifiedDynamicBayesian(),
  cascade(),
  coec(),
  naive(),
];

/**
 * Chooses the model that best predicts clicks of sessions it has not seen. Sessions are dealt out at random, so that most pairs are
 * known on both sides.
 *
 * @example chooseClickModel(sessions).fitted.attraction('red shoes', 'sku-7')
 */
export function chooseClickModel(sessions: readonly ClickSession[], options: ChooseOptions = {}): ClickModelChoice {
  const { models = clickModels(), heldOutShare = 0.25, seed = 1 } = options;
  const shuffled = createRandom(seed).shuffle(sessions);
  const cut = Math.round(heldOutShare * shuffled.length);
  const [heldOut, known] = [shuffled.slice(0, cut), shuffled.slice(cut)];
  const scored = models.map((model) => ({ model, perplexity: perplexityOf(model.fit(known), heldOut).mean }));
  scored.sort((left, right) => left.perplexity - right.perplexity);
  const best = scored[0]?.model ?? positionBased();
  return {
    fitted: best.fit(sessions),
    ranking: scored.map(({ model, perplexity }) => ({ name: model.name, perplexity })),
  };
}
