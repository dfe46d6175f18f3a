import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../../src/foundation/core/random.ts';
import { holm } from '../../../../src/learning/evaluation/statistics/holm.ts';
import { slicesOf } from '../../../../src/learning/evaluation/statistics/slices.ts';

describe('slices of a comparison', () => {
  const random = createRandom(1);
  // 30 queries make 300 of 510 searches and gain; of the other 210, those about shoes lose.
  const queries = Array.from({ length: 240 }, (_, index) => ({
    difference: (index < 30 ? 0.1 : index < 90 ? -0.08 : 0) + 0.1 * (random.next() - 0.5),
    searches: index < 30 ? 10 : 1,
    labels: index >= 30 && index < 90 ? ['shoes'] : index < 3 ? ['rare'] : [],
  }));

  it('tell the head from the tail by half of the searches', () => {
    const slices = slicesOf(queries);
    expect(slices.find(({ name }) => name === 'head')?.queries).toBe(26);
    expect(slices.find(({ name }) => name === 'tail')?.queries).toBe(214);
  });

  it('find the part that a gain on average hides', () => {
    const slices = slicesOf(queries);
    expect(slices.find(({ name }) => name === 'head')?.interval.low).toBeGreaterThan(0);
    expect(slices.filter(({ harmed }) => harmed).map(({ name }) => name)).toEqual(['tail', 'shoes']);
  });

  it('leave out slices of too few queries', () => {
    expect(slicesOf(queries).map(({ name }) => name)).toEqual(['head', 'tail', 'shoes']);
    expect(slicesOf(queries, { minimumQueries: 60 }).map(({ name }) => name)).toEqual(['tail', 'shoes']);
  });
});

describe('Holm’s adjustment', () => {
  it('equals a table worked out by hand, in the order given', () => {
    expect(holm([0.01, 0.04, 0.03, 0.005])).toEqual([0.03, 0.06, 0.06, 0.02]);
    expect(holm([0.9, 0.8])).toEqual([1, 1]);
    expect(holm([])).toEqual([]);
  });
});
