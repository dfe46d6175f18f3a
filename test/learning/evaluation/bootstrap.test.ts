import { describe, expect, it } from 'vitest';
import { createRandom, type Random } from '../../../src/foundation/core/random.ts';
import { type BootstrapMethod, bootstrap } from '../../../src/learning/evaluation/bootstrap.ts';

function coverage(count: number, mean: number, draw: (random: Random) => number, method: BootstrapMethod): number {
  const random = createRandom(11);
  const rounds = 600;
  let covered = 0;
  for (let round = 0; round < rounds; round++) {
    const values = Array.from({ length: count }, () => draw(random));
    const { low, high } = bootstrap(values, { seed: round, resamples: 400, method });
    if (low <= mean && mean <= high) covered++;
  }
  return covered / rounds;
}

const exponential = (random: Random): number => -Math.log(1 - random.next());
/** Most queries unchanged, a few much better. */
const sparse = (random: Random): number => (random.next() < 0.1 ? random.next() : 0);

describe('the bootstrap interval', () => {
  // 600 samples: ± .018 around the share that a method truly covers.
  it('covers the true mean of even differences about 95 times in 100', () => {
    const share = coverage(60, 0, (random) => random.next() + random.next() - 1, 'studentised');
    expect(share).toBeGreaterThan(0.93);
    expect(share).toBeLessThan(0.975);
  });

  it('covers the true mean of skewed and of sparse differences where percentiles fall short', () => {
    for (const [draw, mean] of [
      [exponential, 1],
      [sparse, 0.05],
    ] as const) {
      const studentised = coverage(50, mean, draw, 'studentised');
      expect(studentised).toBeGreaterThan(0.925);
      expect(studentised).toBeLessThan(0.98);
      expect(coverage(50, mean, draw, 'percentile')).toBeLessThan(studentised);
    }
  });

  it('leans to the long side of skewed differences', () => {
    const random = createRandom(4);
    const values = Array.from({ length: 40 }, () => exponential(random));
    const percentile = bootstrap(values, { method: 'percentile' });
    for (const method of ['bca', 'studentised'] as const) {
      const { high, mean } = bootstrap(values, { method });
      expect(high - mean).toBeGreaterThan(percentile.high - percentile.mean);
    }
  });

  it('stays finite when a single query changed', () => {
    const { low, high } = bootstrap([...Array.from({ length: 30 }, () => 0), 0.5]);
    expect(low).toBeGreaterThan(-0.5);
    expect(high).toBeLessThan(0.5);
  });

  it('gives the same interval for the same seed', () => {
    const values = [0.1, 0.4, -0.2, 0.3];
    expect(bootstrap(values, { seed: 5 })).toEqual(bootstrap(values, { seed: 5 }));
  });

  it('is a point for constant values', () => {
    expect(bootstrap([2, 2, 2])).toEqual({ mean: 2, low: 2, high: 2 });
  });
});
