import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  averagePrecisionAt,
  hitRateAt,
  judgedShareAt,
  ndcgAt,
  precisionAt,
  recallAt,
  reciprocalRankAt,
} from '../../../src/learning/evaluation/metrics.ts';

const GRADES = new Map([
  ['a', 3],
  ['b', 2],
  ['n', 0],
]);
const ALL = Number.POSITIVE_INFINITY;

describe('nDCG', () => {
  it('equals a figure worked out by hand', () => {
    // Gains 3, 0, 2 at ranks 1, 2, 3; the best order is 3, 2.
    const dcg = 3 + 2 / Math.log2(4);
    const ideal = 3 + 2 / Math.log2(3);
    expect(ndcgAt(['a', 'x', 'b'], GRADES, 10)).toBeCloseTo(dcg / ideal, 12);
  });

  it('takes 2^grade − 1 as gain when asked to', () => {
    const dcg = 3 + 7 / Math.log2(3);
    const ideal = 7 + 3 / Math.log2(3);
    expect(ndcgAt(['b', 'a'], GRADES, 10, 'exponential')).toBeCloseTo(dcg / ideal, 12);
  });

  it('is 0 when nothing is relevant', () => {
    expect(ndcgAt(['a'], new Map([['a', 0]]), 10)).toBe(0);
  });

  it('is 1 for the ideal order and never more', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: -1, max: 4 }), { minLength: 1, maxLength: 30 }),
        fc.integer({ min: 1, max: 20 }),
        fc.constantFrom('linear' as const, 'exponential' as const),
        (values, k, gain) => {
          const grades = new Map(values.map((grade, index) => [`${index}`, grade]));
          const ids = [...grades.keys()];
          const best = [...ids].sort((left, right) => (grades.get(right) as number) - (grades.get(left) as number));
          expect(ndcgAt(ids, grades, k, gain)).toBeLessThanOrEqual(1 + 1e-12);
          if (values.some((grade) => grade > 0)) expect(ndcgAt(best, grades, k, gain)).toBeCloseTo(1, 12);
        },
      ),
    );
  });

  it('does not fall when a better item moves up past a worse one', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 2, maxLength: 12 }),
        fc.nat(),
        (values, draw) => {
          const grades = new Map(values.map((grade, index) => [`${index}`, grade]));
          const ids = [...grades.keys()];
          const at = draw % (ids.length - 1);
          const swapped = ids.with(at, ids[at + 1] as string).with(at + 1, ids[at] as string);
          const isBetter = (values[at + 1] as number) > (values[at] as number);
          const change = ndcgAt(swapped, grades, 10) - ndcgAt(ids, grades, 10);
          if (isBetter) expect(change).toBeGreaterThanOrEqual(-1e-12);
        },
      ),
    );
  });
});

describe('the metrics without gains', () => {
  it('divide precision by k even when fewer items came', () => {
    expect(precisionAt(['a', 'b'], new Map([['a', 1]]), 10)).toBe(0.1);
  });

  it('divide recall by all relevant items, found or not', () => {
    expect(recallAt(['a', 'x'], GRADES, 10)).toBe(0.5);
    expect(recallAt(['a'], new Map([['a', 0]]), 10)).toBe(0);
  });

  it('average the precisions at the relevant ranks over all relevant items', () => {
    expect(averagePrecisionAt(['x', 'a', 'y', 'b'], GRADES, ALL)).toBeCloseTo((1 / 2 + 2 / 4) / 2, 12);
    expect(averagePrecisionAt(['x', 'a', 'y', 'b'], GRADES, 3)).toBeCloseTo(1 / 2 / 2, 12);
  });

  it('find the first relevant item, within k', () => {
    expect(reciprocalRankAt(['x', 'n', 'b'], GRADES, ALL)).toBeCloseTo(1 / 3, 12);
    expect(reciprocalRankAt(['x', 'n', 'b'], GRADES, 2)).toBe(0);
    expect(hitRateAt(['x', 'n', 'b'], GRADES, 3)).toBe(1);
    expect(hitRateAt(['x', 'n', 'b'], GRADES, 2)).toBe(0);
  });

  it('count as relevant what reaches the threshold', () => {
    expect(recallAt(['b'], GRADES, 10, 3)).toBe(0);
    expect(precisionAt(['a', 'b'], GRADES, 2, 3)).toBe(0.5);
  });

  it('tell how much of the list anybody judged', () => {
    expect(judgedShareAt(['a', 'n', 'x', 'y'], GRADES, 10)).toBe(0.5);
  });
});
