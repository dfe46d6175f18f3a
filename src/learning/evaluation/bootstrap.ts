import { createRandom } from '../../foundation/core/random.ts';
import { mean } from './metrics.ts';

export interface Interval {
  readonly mean: number;
  readonly low: number;
  readonly high: number;
}

export interface BootstrapOptions {
  readonly seed?: number;
  readonly resamples?: number;
  /** Coverage, .95 by default. */
  readonly level?: number;
}

/**
 * Percentile bootstrap interval of a mean (Efron 1979). Give per-query differences for a paired comparison.
 *
 * @example bootstrap(after.map((value, query) => value - before[query]))
 */
export function bootstrap(values: readonly number[], options: BootstrapOptions = {}): Interval {
  const { seed = 1, resamples = 2000, level = 0.95 } = options;
  if (values.length === 0) return { mean: 0, low: 0, high: 0 };
  const random = createRandom(seed);
  const means = new Float64Array(resamples);
  for (let round = 0; round < resamples; round++) {
    let sum = 0;
    for (let draw = 0; draw < values.length; draw++) sum += values[random.integer(values.length)] as number;
    means[round] = sum / values.length;
  }
  means.sort();
  const tail = (1 - level) / 2;
  return {
    mean: mean(values),
    low: means[Math.floor(tail * (resamples - 1))] as number,
    high: means[Math.ceil((1 - tail) * (resamples - 1))] as number,
  };
}
