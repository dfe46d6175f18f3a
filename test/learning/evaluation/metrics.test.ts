import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ndcgAt, precisionAt } from '../../../src/learning/evaluation/metrics.ts';

describe('nDCG', () => {
  it('equals a figure worked out by hand', () => {
    // Gains 3, 0, 2 at ranks 1, 2, 3; the best order is 3, 2.
    const grades = new Map([
      ['a', 3],
      ['b', 2],
    ]);
    const dcg = 3 + 2 / Math.log2(4);
    const ideal = 3 + 2 / Math.log2(3);
    expect(ndcgAt(['a', 'x', 'b'], grades, 10)).toBeCloseTo(dcg / ideal, 12);
  });

  it('is 0 when nothing is relevant', () => {
    expect(ndcgAt(['a'], new Map([['a', 0]]), 10)).toBe(0);
  });

  it('is 1 for the ideal order and never more', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 30 }),
        fc.integer({ min: 1, max: 20 }),
        (values, k) => {
          const grades = new Map(values.map((grade, index) => [`${index}`, grade]));
          const ids = [...grades.keys()];
          const best = [...ids].sort((left, right) => (grades.get(right) as number) - (grades.get(left) as number));
          expect(ndcgAt(ids, grades, k)).toBeLessThanOrEqual(1 + 1e-12);
          if (values.some((grade) => grade > 0)) expect(ndcgAt(best, grades, k)).toBeCloseTo(1, 12);
        },
      ),
    );
  });
});

describe('precision', () => {
  it('divides by k even when fewer items came', () => {
    expect(precisionAt(['a', 'b'], new Map([['a', 1]]), 10)).toBe(0.1);
  });
});
