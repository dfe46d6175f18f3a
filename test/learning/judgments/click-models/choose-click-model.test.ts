import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../../src/foundation/core/random.ts';
import type { Behaviour } from '../../../../src/learning/evaluation/simulator/behaviour.ts';
import { chooseClickModel, clickModels } from '../../../../src/learning/judgments/click-models/choose-click-model.ts';
import type { FittedClickModel } from '../../../../src/learning/judgments/click-models/click-model.ts';
import { type ClickSession, decayWeight } from '../../../../src/learning/judgments/click-models/click-session.ts';
import { naive } from '../../../../src/learning/judgments/click-models/naive.ts';
import { perplexityOf } from '../../../../src/learning/judgments/click-models/perplexity.ts';
import { judgmentsOf } from '../../../../src/learning/judgments/judgments-of.ts';
import { simulateSessions } from '../../../support/simulated-sessions.ts';

const page = (clicks: boolean[], weight = 1): ClickSession => ({
  queryKey: 'q',
  itemIds: clicks.map((_, index) => `${index}`),
  clicks,
  firstPosition: 1,
  weight,
});

describe('choosing a click model', () => {
  it.each<[string, Behaviour, string[]]>([
    ['position-based users', { kind: 'position-based', eta: 1 }, ['position-based', 'coec']],
    [
      'users who leave with the first click',
      { kind: 'cascade', satisfaction: 1, continuation: 0.9 },
      ['dynamic-bayesian'],
    ],
    ['users who are half satisfied', { kind: 'cascade', satisfaction: 0.5, continuation: 0.9 }, ['dynamic-bayesian']],
    ['users who look at everything', { kind: 'position-based', eta: 0 }, ['naive', 'position-based', 'coec']],
  ])('takes the one that fits: %s', (_, behaviour, expected) => {
    const { sessions } = simulateSessions(100, 30, behaviour, 0.1, 6);
    const { fitted, ranking } = chooseClickModel(sessions);
    expect(expected).toContain(fitted.name);
    expect(ranking).toHaveLength(clickModels().length);
    expect(ranking.map(({ perplexity }) => perplexity)).toEqual(
      ranking.map(({ perplexity }) => perplexity).toSorted((left, right) => left - right),
    );
  });

  it('judges nobody when there is nothing to go by', () => {
    const { fitted } = chooseClickModel([]);
    expect(judgmentsOf(fitted)).toEqual([]);
    expect(fitted.attraction('q', 'a').support).toBe(0);
  });
});

describe('perplexity', () => {
  it('is 2 to the mean number of bits, by position', () => {
    const model: FittedClickModel = {
      name: 'fixed',
      examination: () => 1,
      attraction: () => ({ mean: 0.5, deviation: 0, support: 0 }),
      pairs: () => [],
      clickChances: () => [0.5, 0.25],
    };
    const { mean, byPosition } = perplexityOf(model, [page([true, true]), page([false, false])]);
    expect(byPosition.get(1)).toBeCloseTo(2, 12);
    expect(byPosition.get(2)).toBeCloseTo(2 ** ((2 - Math.log2(0.75)) / 2), 12);
    expect(mean).toBeCloseTo((2 + (byPosition.get(2) as number)) / 2, 12);
  });
});

describe('every click model', () => {
  const { sessions } = simulateSessions(20, 20, { kind: 'dependent-click', continuations: [0.7, 0.5] }, 0.1, 7);

  it.each(
    clickModels().map((model) => [model.name, model] as const),
  )('%s: chances are chances, for any page', (_, model) => {
    const fitted = model.fit(sessions);
    const clicks = fc.array(fc.boolean(), { minLength: 1, maxLength: 14 });
    fc.assert(
      fc.property(clicks, fc.integer({ min: 1, max: 30 }), (drawn, firstPosition) => {
        const chances = fitted.clickChances({ ...page(drawn), queryKey: 'query 3', firstPosition });
        expect(chances).toHaveLength(drawn.length);
        expect(chances.every((chance) => chance >= 0 && chance <= 1)).toBe(true);
        expect(fitted.examination(firstPosition)).toBeGreaterThan(0);
        expect(fitted.examination(firstPosition)).toBeLessThanOrEqual(1);
      }),
    );
  });

  it.each(
    clickModels().map((model) => [model.name, model] as const),
  )('%s: a session of double weight counts as two', (_, model) => {
    const twice = sessions.flatMap((session) => [session, session]);
    const weighted = sessions.map((session) => ({ ...session, weight: 2 }));
    const [left, right] = [model.fit(twice), model.fit(createRandom(1).shuffle(weighted))];
    for (const { queryKey, itemId, mean, deviation } of left.pairs()) {
      expect(right.attraction(queryKey, itemId).mean).toBeCloseTo(mean, 6);
      expect(right.attraction(queryKey, itemId).deviation).toBeCloseTo(deviation, 6);
    }
  });
});

describe('judgments', () => {
  const plain = naive({ prior: { mean: 0.5, strength: 2 } });

  it('leave out what was hardly looked at, and say where they come from', () => {
    const log = [page([true, false]), page([true]), page([false]), page([true])];
    const judgments = judgmentsOf(plain.fit(log));
    expect(judgments).toHaveLength(1);
    expect(judgments[0]).toMatchObject({ queryKey: 'q', itemId: '0', support: 4, provenance: 'clicks:naive' });
    expect(judgments[0]?.grade).toBeCloseTo(4 / 6, 2);
    expect(judgmentsOf(plain.fit(log), { minimumSupport: 1 })).toHaveLength(2);
  });

  it('follow the present when the past weighs less', () => {
    const weightOf = (ageDays: number): number => decayWeight(ageDays, 30);
    expect(weightOf(30)).toBeCloseTo(0.5, 12);
    expect(weightOf(-1)).toBe(1);
    const old = Array.from({ length: 10 }, () => page([true], weightOf(120)));
    const fresh = Array.from({ length: 10 }, () => page([false], weightOf(0)));
    const grade = (log: ClickSession[]): number => plain.fit(log).attraction('q', '0').mean;
    expect(grade([...old, ...fresh])).toBeLessThan(0.2);
    expect(grade([...old, ...fresh].map((session) => ({ ...session, weight: 1 })))).toBeCloseTo(0.5, 2);
  });
});
