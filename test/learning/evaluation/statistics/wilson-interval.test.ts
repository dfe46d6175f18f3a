import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { wilsonInterval } from '../../../../src/learning/evaluation/statistics/wilson-interval.ts';

describe("Wilson's interval", () => {
  // Worked out apart from this code, as the roots of (p − p̂)² = z² p (1 − p) / n with z = 1.959964.
  it.each([
    [3, 10, 0.10779, 0.60322],
    [50, 100, 0.40383, 0.59617],
    [0, 20, 0, 0.16113],
    [20, 20, 0.83887, 1],
  ])('of %d of %d is %d to %d', (successes, trials, low, high) => {
    const interval = wilsonInterval(successes, trials);
    expect(interval.low).toBeCloseTo(low, 4);
    expect(interval.high).toBeCloseTo(high, 4);
  });

  it('holds everything when nothing was tried', () => {
    expect(wilsonInterval(0, 0)).toEqual({ low: 0, high: 1 });
  });

  it('holds the share that was seen, within 0 and 1, and narrows with trials', () => {
    const counts = fc
      .integer({ min: 1, max: 1e6 })
      .chain((n) => fc.tuple(fc.integer({ min: 0, max: n }), fc.constant(n)));
    fc.assert(
      fc.property(counts, ([successes, trials]) => {
        const { low, high } = wilsonInterval(successes, trials);
        const more = wilsonInterval(successes * 10, trials * 10);
        expect(low).toBeGreaterThanOrEqual(0);
        expect(high).toBeLessThanOrEqual(1);
        expect(low).toBeLessThanOrEqual(successes / trials);
        expect(high).toBeGreaterThanOrEqual(successes / trials);
        expect(more.high - more.low).toBeLessThan(high - low);
      }),
    );
  });
});
