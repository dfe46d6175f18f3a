import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../../src/foundation/core/random.ts';
import { attractionOf, priorOf } from '../../../../src/learning/judgments/click-models/attraction-posterior.ts';

const looks = (shown: number, clicked: number, examination = 1) => [{ examination, shown, clicked }];

describe('attraction with uncertainty', () => {
  it('is the Beta posterior where everything shown was looked at', () => {
    // Beta(2, 3) after 4 clicks of 10 is Beta(6, 9).
    const { mean, deviation, support } = attractionOf(looks(10, 4), priorOf([], { mean: 0.4, strength: 5 }));
    expect(mean).toBeCloseTo(6 / 15, 3);
    expect(deviation).toBeCloseTo(Math.sqrt((6 * 9) / (15 ** 2 * 16)), 3);
    expect(support).toBe(10);
  });

  it('is the prior where nothing was shown', () => {
    expect(attractionOf([], priorOf([], { mean: 0.4, strength: 5 })).mean).toBeCloseTo(0.4, 3);
  });

  it('holds a missing click against an item only as far as it was looked at', () => {
    const prior = priorOf([], { mean: 0.5, strength: 2 });
    const onTop = attractionOf(looks(10, 0, 1), prior);
    const below = attractionOf(looks(10, 0, 0.1), prior);
    expect(below.mean).toBeGreaterThan(onTop.mean);
    expect(below.deviation).toBeGreaterThan(onTop.deviation);
    expect(below.support).toBeCloseTo(1, 12);
  });

  it('learns the prior from all pairs: of two kinds of items it makes two kinds', () => {
    const random = createRandom(6);
    const pairs = Array.from({ length: 400 }, (_, index) => {
      const attraction = index % 4 === 0 ? 0.8 : 0.05;
      return looks(12, Array.from({ length: 12 }, () => random.next()).filter((draw) => draw < attraction).length);
    });
    const prior = priorOf(pairs, 'learned');
    expect(prior.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 12);
    expect(attractionOf([], prior).mean).toBeCloseTo(0.25 * 0.8 + 0.75 * 0.05, 1);
    // Two clicks of two mean a good item here, and none of two almost certainly a bad one.
    expect(attractionOf(looks(2, 2), prior).mean).toBeGreaterThan(0.65);
    expect(attractionOf(looks(2, 0), prior).mean).toBeLessThan(0.12);
  });
});
