import { describe, expect, it } from 'vitest';
import { EXAMINATION } from '../../../../src/learning/evaluation/simulator/behaviour.ts';
import type { ClickModel } from '../../../../src/learning/judgments/click-models/click-model.ts';
import type { ClickSession } from '../../../../src/learning/judgments/click-models/click-session.ts';
import { allPairs, tabulate } from '../../../../src/learning/judgments/click-models/pair-table.ts';
import { positionBased } from '../../../../src/learning/judgments/click-models/position-based.ts';
import { positionEffects } from '../../../../src/learning/judgments/click-models/position-effects.ts';
import { simulateSessions } from '../../../support/simulated-sessions.ts';

const fitted = (model: ClickModel, sessions: readonly ClickSession[]) => model.fit(sessions);
const positionBasedUser = { kind: 'position-based', eta: 1 } as const;

/** Largest error on the scale of the truth, whose first position is looked at with .68. */
const errorOf = (chanceOf: (position: number) => number): number =>
  Math.max(...EXAMINATION.map((chance, index) => Math.abs(EXAMINATION[0] * chanceOf(index + 1) - chance)));

describe('the position-based model', () => {
  const { sessions, attractionOf } = simulateSessions(1000, 20, positionBasedUser, 0.1, 2);

  it('recovers where people look within .03, though the ranking puts attractive items on top', () => {
    const found = fitted(positionBased(), sessions);
    expect(errorOf((position) => found.examination(position))).toBeLessThan(0.03);
  });

  it('recovers it better than joint EM, which takes merit for position or the reverse', () => {
    const joint = fitted(positionBased({ examination: { mean: 0.2, strength: 2 } }), sessions);
    expect(errorOf((position) => joint.examination(position))).toBeGreaterThan(0.03);
  });

  it('recovers it by joint EM as well when every pair was shown often', () => {
    const { sessions: many } = simulateSessions(60, 400, positionBasedUser, 0.1, 3);
    const joint = fitted(positionBased({ examination: { mean: 0.3, strength: 1 } }), many);
    expect(errorOf((position) => joint.examination(position))).toBeLessThan(0.05);
  });

  it('gives attractions that are right on average, with deviations that tell how far to trust them', () => {
    const found = fitted(positionBased(), sessions);
    const errors = [...found.pairs()].map(({ queryKey, itemId, mean, deviation }) => {
      const error = mean - EXAMINATION[0] * attractionOf(queryKey, itemId);
      return { error, standardised: error / deviation };
    });
    const average = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
    expect(Math.abs(average(errors.map(({ error }) => error)))).toBeLessThan(0.015);
    // 1 when errors are as large as deviations say; the smooth prior makes them a little smaller.
    expect(average(errors.map(({ standardised }) => standardised ** 2))).toBeGreaterThan(0.5);
    expect(average(errors.map(({ standardised }) => standardised ** 2))).toBeLessThan(1.1);
  });

  it('falls back on 1/position where no item ever moved', () => {
    const still: ClickSession[] = Array.from({ length: 50 }, (_, index) => ({
      queryKey: 'q',
      itemIds: ['a', 'b', 'c'],
      clicks: [index % 2 === 0, index % 3 === 0, index % 3 === 1],
      firstPosition: 1,
      weight: 1,
    }));
    const effects = positionEffects(allPairs(tabulate(still)));
    expect([...effects.values()]).toEqual([1, 0.5, 1 / 3]);
  });

  it('takes chances that are known from elsewhere', () => {
    const known = new Map([
      [1, 1],
      [2, 0.5],
    ]);
    const page: ClickSession = {
      queryKey: 'q',
      itemIds: ['a', 'b'],
      clicks: [true, false],
      firstPosition: 1,
      weight: 1,
    };
    const found = fitted(positionBased({ examination: known }), [page]);
    expect([1, 2, 4].map((position) => found.examination(position))).toEqual([1, 0.5, 0.25]);
    expect(found.attraction('q', 'b').support).toBe(0.5);
  });
});
