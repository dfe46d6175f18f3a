import { createRandom } from '../../foundation/core/random.ts';
import { mean } from './metrics.ts';
import { normalBelow, normalQuantile } from './statistics/special-functions.ts';

export interface Interval {
  readonly mean: number;
  readonly low: number;
  readonly high: number;
}

/**
 * How the interval is read from the resampled means:
 * - `studentised` (bootstrap-t, Efron 1982, Hall 1988): quantiles of the standardised mean. Covers what it says from
 *   about 50 differences on, skewed and sparse ones too.
 * - `percentile` (Efron 1979): quantiles of the mean itself. Too narrow below about 200 differences.
 * - `bca` (Efron 1987): those quantiles shifted for bias and skewness; between the two.
 */
export type BootstrapMethod = 'studentised' | 'percentile' | 'bca';

export interface BootstrapOptions {
  readonly seed?: number;
  readonly resamples?: number;
  /** Coverage, .95 by default. */
  readonly level?: number;
  /** `studentised` by default; docs/guides/evaluation.md has the measured coverage of each. */
  readonly method?: BootstrapMethod;
}

/**
 * Bootstrap interval of a mean. Give per-query differences for a paired comparison.
 *
 * @example bootstrap(after.map((value, query) => value - before[query]))
 */
export function bootstrap(values: readonly number[], options: BootstrapOptions = {}): Interval {
  const { seed = 1, resamples = 2000, level = 0.95, method = 'studentised' } = options;
  const centre = mean(values);
  const squares = values.reduce((sum, value) => sum + (value - centre) ** 2, 0);
  if (values.length === 0 || squares === 0) return { mean: centre, low: centre, high: centre };
  const { means, standardised } = resample(values, centre, squares, seed, resamples);
  const tail = (1 - level) / 2;
  if (method === 'percentile') return { mean: centre, low: at(means, tail), high: at(means, 1 - tail) };
  if (method === 'bca') {
    const { low, high } = correctedTails(values, centre, means, tail);
    return { mean: centre, low: at(means, low), high: at(means, high) };
  }
  const error = errorOf(squares, squares, values.length);
  return {
    mean: centre,
    low: centre - at(standardised, 1 - tail) * error,
    high: centre - at(standardised, tail) * error,
  };
}

function resample(values: readonly number[], centre: number, squares: number, seed: number, resamples: number) {
  const random = createRandom(seed);
  const means = new Float64Array(resamples);
  const standardised = new Float64Array(resamples);
  for (let round = 0; round < resamples; round++) {
    let sum = 0;
    let drawnSquares = 0;
    for (let draw = 0; draw < values.length; draw++) {
      const deviation = (values[random.integer(values.length)] as number) - centre;
      sum += deviation;
      drawnSquares += deviation * deviation;
    }
    const deviation = sum / values.length;
    means[round] = centre + deviation;
    const spread = Math.max(0, drawnSquares - values.length * deviation ** 2);
    standardised[round] = deviation / errorOf(spread, squares, values.length);
  }
  return { means: means.sort(), standardised: standardised.sort() };
}

/**
 * Standard error of a mean from Σ(value − mean)². One average square of the whole sample is added: a resample of
 * sparse differences may hold no difference at all, and without spread its standardised mean would be infinite.
 */
const errorOf = (squares: number, sampleSquares: number, count: number): number =>
  Math.sqrt((squares + sampleSquares / count) / (count * Math.max(1, count - 1)));

/** The order statistic at a share, rounded outward. */
const at = (sorted: Float64Array, share: number): number =>
  sorted[(share < 0.5 ? Math.floor : Math.ceil)(share * (sorted.length - 1))] as number;

/** The two shares of the resampled means that BCa reads, by the bias z₀ and the acceleration a (a sixth of the skewness). */
function correctedTails(values: readonly number[], centre: number, means: Float64Array, tail: number) {
  const below = means.reduce((count, value) => count + (value < centre ? 1 : value === centre ? 0.5 : 0), 0);
  const share = Math.min(1 - 0.5 / means.length, Math.max(0.5 / means.length, below / means.length));
  const bias = normalQuantile(share);
  const squares = values.reduce((sum, value) => sum + (value - centre) ** 2, 0);
  const cubes = values.reduce((sum, value) => sum + (value - centre) ** 3, 0);
  const acceleration = cubes / (6 * squares ** 1.5);
  const shifted = (z: number): number => normalBelow(bias + (bias + z) / (1 - acceleration * (bias + z)));
  return { low: shifted(normalQuantile(tail)), high: shifted(normalQuantile(1 - tail)) };
}
