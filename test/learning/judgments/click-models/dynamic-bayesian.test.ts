import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ClickSession } from '../../../../src/learning/judgments/click-models/click-session.ts';
import {
  cascade,
  dynamicBayesian,
  simplifiedDynamicBayesian,
} from '../../../../src/learning/judgments/click-models/dynamic-bayesian.ts';
import { type ItemRates, readPage } from '../../../../src/learning/judgments/click-models/dynamic-bayesian-page.ts';
import { ScanModel } from '../../../../src/learning/judgments/click-models/scan-model.ts';
import { simulateSessions } from '../../../support/simulated-sessions.ts';

const page = (clicks: boolean[], queryKey = 'q'): ClickSession => ({
  queryKey,
  itemIds: clicks.map((_, index) => `${index}`),
  clicks,
  firstPosition: 1,
  weight: 1,
});

/** Beliefs from the definition: every path down the page, weighted by its chance, that shows these clicks. */
function byEnumeration(clicks: readonly boolean[], rates: readonly ItemRates[], continuation: number) {
  const looked = clicks.map(() => 0);
  const satisfied = clicks.map(() => 0);
  let [total, free, continued] = [0, 0, 0];
  const walk = (
    index: number,
    chance: number,
    path: { seen: number; satisfiedAt: number; free: number; went: number },
  ): void => {
    const stop = (end: typeof path, weight: number): void => {
      if (weight === 0 || clicks.slice(end.seen).some(Boolean)) return;
      total += weight;
      for (let at = 0; at < end.seen; at++) looked[at]! += weight;
      if (end.satisfiedAt >= 0) satisfied[end.satisfiedAt]! += weight;
      free += weight * end.free;
      continued += weight * end.went;
    };
    const { attraction, satisfaction } = rates[index]!;
    const seen = { ...path, seen: index + 1 };
    const isLast = index + 1 === clicks.length;
    const onward = (weight: number): void => {
      if (isLast) stop(seen, weight);
      else {
        stop({ ...seen, free: seen.free + 1 }, weight * (1 - continuation));
        walk(index + 1, weight * continuation, { ...seen, free: seen.free + 1, went: seen.went + 1 });
      }
    };
    if (!clicks[index]) onward(chance * (1 - attraction));
    else {
      stop({ ...seen, satisfiedAt: index }, chance * attraction * satisfaction);
      onward(chance * attraction * (1 - satisfaction));
    }
  };
  walk(0, 1, { seen: 0, satisfiedAt: -1, free: 0, went: 0 });
  return {
    looked: looked.map((weight) => weight / total),
    satisfied: satisfied.map((weight) => weight / total),
    free: free / total,
    continued: continued / total,
  };
}

describe('the dynamic Bayesian network', () => {
  it('believes about a page what all paths down the page together say', () => {
    const chances = fc.double({ min: 0.05, max: 0.95, noNaN: true });
    const items = fc.array(fc.tuple(fc.boolean(), chances, chances), { minLength: 1, maxLength: 7 });
    fc.assert(
      fc.property(items, chances, (drawn, continuation) => {
        const clicks = drawn.map(([clicked]) => clicked);
        const rates = drawn.map(([, attraction, satisfaction]) => ({ attraction, satisfaction }));
        const found = readPage(page(clicks), (itemId) => rates[Number(itemId)]!, continuation);
        const expected = byEnumeration(clicks, rates, continuation);
        for (const key of ['looked', 'satisfied'] as const)
          expected[key].forEach((value, index) => {
            expect(found[key][index]).toBeCloseTo(value, 10);
          });
        expect(found.free).toBeCloseTo(expected.free, 10);
        expect(found.continued).toBeCloseTo(expected.continued, 10);
      }),
    );
  });

  it('recovers how many go on, and what satisfies, from logs of such users', () => {
    const { sessions } = simulateSessions(150, 60, { kind: 'cascade', satisfaction: 0.6, continuation: 0.85 }, 0.05, 4);
    const model = dynamicBayesian();
    const fitted = model.fit(sessions);
    if (!(fitted instanceof ScanModel)) throw new Error('not a scan');
    expect(Math.abs(fitted.continuation - 0.85)).toBeLessThan(0.03);
    const often = [...fitted.pairs()].filter(({ mean, support }) => support * mean > 15);
    const average =
      often.reduce((sum, { queryKey, itemId }) => sum + fitted.satisfaction(queryKey, itemId).mean, 0) / often.length;
    expect(Math.abs(average - 0.6)).toBeLessThan(0.05);
  });

  it('predicts clicks that sum to certainty over all that can happen on a page', () => {
    const { sessions } = simulateSessions(5, 40, { kind: 'cascade', satisfaction: 0.6, continuation: 0.85 }, 0.1, 5);
    const model = dynamicBayesian();
    const fitted = model.fit(sessions);
    let total = 0;
    for (let pattern = 0; pattern < 2 ** 4; pattern++) {
      const clicks = Array.from({ length: 4 }, (_, index) => ((pattern >> index) & 1) === 1);
      const chances = fitted.clickChances(page(clicks, 'query 1'));
      total += chances.reduce((product, chance, index) => product * (clicks[index] ? chance : 1 - chance), 1);
    }
    expect(total).toBeCloseTo(1, 10);
  });
});

describe('the simplified network and the cascade', () => {
  const log = [
    page([false, true, false, true, false]),
    page([false, false, true, false, false]),
    page([false, false, false, false, false]),
  ];
  const supports = (model: ReturnType<typeof cascade>) => {
    const fitted = model.fit(log);
    return ['0', '1', '2', '3', '4'].map((itemId) => fitted.attraction('q', itemId).support);
  };

  it('count as looked at what stands above the last click, or the first, and all of a page without clicks', () => {
    expect(supports(simplifiedDynamicBayesian())).toEqual([3, 3, 3, 2, 1]);
    expect(supports(cascade())).toEqual([3, 3, 2, 1, 1]);
  });

  it('take the last click for the satisfied one', () => {
    const model = simplifiedDynamicBayesian({ prior: { mean: 0.5, strength: 2 } });
    const fitted = model.fit(log);
    if (!(fitted instanceof ScanModel)) throw new Error('not a scan');
    // Beta(1, 1) with one click: 2/3 when it was the last of its page, 1/3 when another followed.
    expect(fitted.satisfaction('q', '3').mean).toBeCloseTo(2 / 3, 2);
    expect(fitted.satisfaction('q', '1').mean).toBeCloseTo(1 / 3, 2);
  });

  it('expect no click after the first in the cascade', () => {
    const model = cascade();
    const fitted = model.fit(log);
    const chances = fitted.clickChances(page([true, false, false]));
    expect(chances.slice(1)).toEqual([0, 0]);
  });
});
