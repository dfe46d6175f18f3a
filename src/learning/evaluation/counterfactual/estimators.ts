import type { BootstrapOptions, Interval } from '../bootstrap.ts';
import { mean } from '../metrics.ts';
import { clusterInterval } from './cluster-interval.ts';
import { effectiveSampleSize, type Slot, slotsOf } from './importance.ts';
import type { LoggedSearch, TargetRanking } from './logged-search.ts';

export interface CounterfactualOptions extends BootstrapOptions {
  /** Largest importance weight (Ionides 2008): less variance for a bias towards 0. 100 by default. */
  readonly clip?: number;
}

/** The reward per search that the target ranking would have had. */
export interface CounterfactualEstimate extends Interval {
  /** Slots that the estimate effectively rests on. */
  readonly effectiveSampleSize: number;
  /** Mean weight of a slot: 1 in expectation. Well below, the log never showed what the target ranking wants. */
  readonly meanWeight: number;
  /** Share of the matched slots whose weight was clipped. */
  readonly clippedShare: number;
}

/** A reward model: what an item would have brought at a position, for example θ_k · attraction of a click model. */
export type RewardModel = (queryKey: string, itemId: string, position: number) => number;

/**
 * Inverse propensity scoring (Horvitz and Thompson 1952; for rankings Li et al. 2018): unbiased where the log could show what the
 * target wants and clicks depend on item and position alone; large variance.
 */
export function inversePropensity(
  searches: readonly LoggedSearch[],
  target: TargetRanking,
  options: CounterfactualOptions = {},
): CounterfactualEstimate {
  const slots = slotsOfAll(searches, target, options);
  const values = slots.map((page) => page.reduce((sum, { weight, hit }) => sum + weight * hit.reward, 0));
  return estimate(searches, slots, values, options);
}

/**
 * Self-normalised inverse propensity scoring (Swaminathan and Joachims 2015), position by position: divided by the
 * weights that came instead of those expected. A little biased in small logs, with much less variance; clipping hardly biases it.
 */
export function selfNormalised(
  searches: readonly LoggedSearch[],
  target: TargetRanking,
  options: CounterfactualOptions = {},
): CounterfactualEstimate {
  const slots = slotsOfAll(searches, target, options);
  const byPosition = new Map<number, { weight: number; reward: number }>();
  for (const { hit, weight } of slots.flat()) {
    const sums = byPosition.get(hit.position) ?? { weight: 0, reward: 0 };
    byPosition.set(hit.position, { weight: sums.weight + weight, reward: sums.reward + weight * hit.reward });
  }
  const ratioAt = (position: number): number => {
    const { weight, reward } = byPosition.get(position) ?? { weight: 0, reward: 0 };
    return weight === 0 ? 0 : reward / weight;
  };
  const shareAt = (position: number): number => (byPosition.get(position)?.weight ?? 0) / searches.length;
  const showings = new Map<number, number>();
  for (const { hit } of slots.flat()) showings.set(hit.position, (showings.get(hit.position) ?? 0) + 1);
  // Pages may be short: a position counts as often as it was shown.
  const value = [...showings].reduce(
    (sum, [position, count]) => sum + (ratioAt(position) * count) / searches.length,
    0,
  );
  // Linearised ratio (delta method): what each search adds to the estimate, so that an interval can be had from searches.
  const influences = slots.map((page) =>
    page.reduce((sum, { hit, weight }) => {
      const share = shareAt(hit.position);
      const count = (showings.get(hit.position) ?? 0) / searches.length;
      return share === 0 ? sum : sum + (count * weight * (hit.reward - ratioAt(hit.position))) / share;
    }, value),
  );
  return estimate(searches, slots, influences, options);
}

/**
 * Doubly robust (Dudík, Langford and Li 2011): the reward model's value of the target ranking, corrected by the weighted errors that the
 * model makes on what was shown. Right when either propensities or model are; its variance falls with the model's errors.
 */
export function doublyRobust(
  searches: readonly LoggedSearch[],
  target: TargetRanking,
  model: RewardModel,
  options: CounterfactualOptions = {},
): CounterfactualEstimate {
  const slots = slotsOfAll(searches, target, options);
  const values = slots.map((page, index) => {
    const { queryKey } = searches[index] as LoggedSearch;
    return page.reduce((sum, { hit, wanted, weight }) => {
      const modelled = wanted === undefined ? 0 : model(queryKey, wanted, hit.position);
      const error = weight === 0 ? 0 : hit.reward - model(queryKey, hit.itemId, hit.position);
      return sum + modelled + weight * error;
    }, 0);
  });
  return estimate(searches, slots, values, options);
}

const slotsOfAll = (
  searches: readonly LoggedSearch[],
  target: TargetRanking,
  { clip = 100 }: CounterfactualOptions,
): Slot[][] => searches.map((search) => slotsOf(search, target(search), clip));

function estimate(
  searches: readonly LoggedSearch[],
  slots: readonly Slot[][],
  values: readonly number[],
  options: CounterfactualOptions,
): CounterfactualEstimate {
  const all = slots.flat();
  const matched = all.filter(({ weight }) => weight > 0);
  const queryKeys = searches.map(({ queryKey }) => queryKey);
  return {
    ...clusterInterval(values, queryKeys, options),
    effectiveSampleSize: effectiveSampleSize(all.map(({ weight }) => weight)),
    meanWeight: mean(all.map(({ weight }) => weight)),
    clippedShare: matched.length === 0 ? 0 : matched.filter(({ isClipped }) => isClipped).length / matched.length,
  };
}
