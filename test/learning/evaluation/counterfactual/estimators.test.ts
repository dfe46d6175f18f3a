import { describe, expect, it } from 'vitest';
import { StudioError } from '../../../../src/foundation/core/errors.ts';
import { createRandom } from '../../../../src/foundation/core/random.ts';
import {
  doublyRobust,
  inversePropensity,
  selfNormalised,
} from '../../../../src/learning/evaluation/counterfactual/estimators.ts';
import { effectiveSampleSize } from '../../../../src/learning/evaluation/counterfactual/importance.ts';
import type { LoggedSearch } from '../../../../src/learning/evaluation/counterfactual/logged-search.ts';

/** Two slots looked at with chances 1 and .5; attraction is .2 for `a`, .6 for `b`. */
const CHANCE = (itemId: string, position: number): number => (itemId === 'a' ? 0.2 : 0.6) / position;
/** What the order b, a brings: .6 + .1. */
const TRUTH = 0.7;
const target = (): readonly string[] => ['b', 'a'];

/** The log of a release that shows a, b in four of five searches and b, a in the fifth. */
function logOf(searches: number, seed: number): LoggedSearch[] {
  const random = createRandom(seed);
  return Array.from({ length: searches }, (_, search) => {
    const isSwapped = random.next() < 0.2;
    const order = isSwapped ? ['b', 'a'] : ['a', 'b'];
    const hits = order.map((itemId, index) => ({
      itemId,
      position: index + 1,
      propensity: isSwapped ? 0.2 : 0.8,
      reward: random.next() < CHANCE(itemId, index + 1) ? 1 : 0,
    }));
    return { queryKey: `q${search % 200}`, hits };
  });
}

const ESTIMATORS = {
  IPS: (log: LoggedSearch[], seed: number) => inversePropensity(log, target, { seed, resamples: 300 }),
  SNIPS: (log: LoggedSearch[], seed: number) => selfNormalised(log, target, { seed, resamples: 300 }),
  'doubly robust, model right': (log: LoggedSearch[], seed: number) =>
    doublyRobust(log, target, (_, itemId, position) => CHANCE(itemId, position), { seed, resamples: 300 }),
  'doubly robust, model wrong': (log: LoggedSearch[], seed: number) =>
    doublyRobust(log, target, () => 0.9, { seed, resamples: 300 }),
};

describe('counterfactual estimates', () => {
  it('equal figures worked out by hand', () => {
    const hit = (itemId: string, position: number, propensity: number, reward: number) => ({
      itemId,
      position,
      propensity,
      reward,
    });
    const log: LoggedSearch[] = [
      { queryKey: 'q', hits: [hit('b', 1, 0.5, 1), hit('x', 2, 0.5, 1)] },
      { queryKey: 'q', hits: [hit('x', 1, 0.25, 1), hit('a', 2, 0.25, 0)] },
    ];
    // Weights 2, 0 and 0, 4. IPS: (2 · 1 + 4 · 0) / 2. SNIPS: 2/2 + 0/4.
    expect(inversePropensity(log, target).mean).toBeCloseTo(1, 12);
    expect(selfNormalised(log, target).mean).toBeCloseTo(1, 12);
    // Model .5 everywhere: ((.5 + .5 + 2 · .5) + (.5 + .5 − 4 · .5)) / 2.
    expect(doublyRobust(log, target, () => 0.5).mean).toBeCloseTo(0.5, 12);
    const { effectiveSampleSize: size, meanWeight, clippedShare } = inversePropensity(log, target, { clip: 3 });
    expect(size).toBeCloseTo(5 ** 2 / (4 + 9), 12);
    expect(meanWeight).toBeCloseTo(5 / 4, 12);
    expect(clippedShare).toBe(0.5);
  });

  it.each(Object.entries(ESTIMATORS))('are unbiased and covered by their interval: %s', (_, estimator) => {
    const estimates = Array.from({ length: 150 }, (_, seed) => estimator(logOf(1000, seed), seed));
    const mean = estimates.reduce((sum, estimate) => sum + estimate.mean, 0) / estimates.length;
    expect(Math.abs(mean - TRUTH)).toBeLessThan(0.02);
    const covered = estimates.filter(({ low, high }) => low <= TRUTH && TRUTH <= high).length;
    expect(covered / estimates.length).toBeGreaterThan(0.89);
  });

  it('vary least where a good reward model helps', () => {
    const spread = (estimator: (log: LoggedSearch[], seed: number) => { mean: number }): number => {
      const values = Array.from({ length: 100 }, (_, seed) => estimator(logOf(500, seed), seed).mean);
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
      return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
    };
    const ips = spread(ESTIMATORS.IPS);
    expect(spread(ESTIMATORS.SNIPS)).toBeLessThan(ips);
    expect(spread(ESTIMATORS['doubly robust, model right'])).toBeLessThan(ips);
  });

  it('fall towards 0 with clipping, unless self-normalised', () => {
    const log = logOf(4000, 1);
    expect(inversePropensity(log, target, { clip: 2 }).mean).toBeLessThan(0.45);
    expect(Math.abs(selfNormalised(log, target, { clip: 2 }).mean - TRUTH)).toBeLessThan(0.07);
  });

  it('show by the mean weight that the log never had what the target wants', () => {
    const log = logOf(500, 2);
    const elsewhere = (): readonly string[] => ['c', 'd'];
    expect(inversePropensity(log, elsewhere)).toMatchObject({ mean: 0, meanWeight: 0, effectiveSampleSize: 0 });
    expect(Math.abs(inversePropensity(log, target).meanWeight - 1)).toBeLessThan(0.2);
  });

  it('refuse propensities that are no chances', () => {
    const hits = [{ itemId: 'a', position: 1, propensity: 0, reward: 1 }];
    expect(() => inversePropensity([{ queryKey: 'q', hits }], target)).toThrow(StudioError);
  });
});

describe('the effective sample size', () => {
  it('is the number of equal weights, and falls with unequal ones', () => {
    expect(effectiveSampleSize([2, 2, 2])).toBeCloseTo(3, 12);
    expect(effectiveSampleSize([10, 1, 1])).toBeCloseTo(144 / 102, 12);
    expect(effectiveSampleSize([])).toBe(0);
  });
});
