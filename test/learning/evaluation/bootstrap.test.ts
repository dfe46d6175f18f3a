import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../src/foundation/core/random.ts';
import { bootstrap } from '../../../src/learning/evaluation/bootstrap.ts';

describe('the bootstrap interval', () => {
  it('covers the true mean about 95 times in 100', () => {
    const random = createRandom(11);
    let covered = 0;
    const rounds = 400;
    for (let round = 0; round < rounds; round++) {
      const values = Array.from({ length: 60 }, () => random.next() + random.next() - 1);
      const interval = bootstrap(values, { seed: round, resamples: 400 });
      if (interval.low <= 0 && interval.high >= 0) covered++;
    }
    expect(covered / rounds).toBeGreaterThan(0.91);
    expect(covered / rounds).toBeLessThan(0.98);
  });

  it('gives the same interval for the same seed', () => {
    const values = [0.1, 0.4, -0.2, 0.3];
    expect(bootstrap(values, { seed: 5 })).toEqual(bootstrap(values, { seed: 5 }));
  });

  it('is a point for constant values', () => {
    expect(bootstrap([2, 2, 2])).toEqual({ mean: 2, low: 2, high: 2 });
  });
});
