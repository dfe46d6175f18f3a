import { StudioError } from '../../../foundation/core/errors.ts';
import type { LoggedHit, LoggedSearch } from './logged-search.ts';

/** Kish's effective sample size (1965): (Σw)² / Σw². Few large weights make a large log small. */
export function effectiveSampleSize(weights: readonly number[]): number {
  const sum = weights.reduce((total, weight) => total + weight, 0);
  const squares = weights.reduce((total, weight) => total + weight ** 2, 0);
  return squares === 0 ? 0 : sum ** 2 / squares;
}

/** One slot of a logged page under the target ranking. */
export interface Slot {
  readonly hit: LoggedHit;
  /** What the target ranking would have put here; undefined below its end. */
  readonly wanted: string | undefined;
  /** 1 / propensity where the target ranking puts the same item at this position, else 0; at most the clip. */
  readonly weight: number;
  readonly isClipped: boolean;
}

/**
 * Importance weights under the item-position model (Li et al. 2018): a click depends on the item and on its position alone.
 *
 * @throws StudioError invalid_request when a propensity is not in (0, 1]
 */
export function slotsOf(search: LoggedSearch, target: readonly string[], clip: number): Slot[] {
  return search.hits.map((hit) => {
    if (!(hit.propensity > 0 && hit.propensity <= 1))
      throw new StudioError('invalid_request', `The propensity of "${hit.itemId}" is ${hit.propensity}.`, {
        hint: 'Log the chance, above 0 and at most 1, that the item stood at its position.',
      });
    const wanted = target[hit.position - 1];
    const weight = wanted === hit.itemId ? 1 / hit.propensity : 0;
    return { hit, wanted, weight: Math.min(weight, clip), isClipped: weight > clip };
  });
}
