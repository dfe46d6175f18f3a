import type { Interval } from '../bootstrap.ts';

/** What is kept of a stream of values; `addTo` folds one more in. */
export interface Moments {
  readonly count: number;
  readonly mean: number;
  /** Σ (value − mean)². */
  readonly squares: number;
}

export const NO_MOMENTS: Moments = { count: 0, mean: 0, squares: 0 };

/** Welford's update (1962). */
export function addTo(moments: Moments, value: number): Moments {
  const count = moments.count + 1;
  const mean = moments.mean + (value - moments.mean) / count;
  return { count, mean, squares: moments.squares + (value - moments.mean) * (value - mean) };
}

export interface SequenceOptions {
  readonly level?: number;
  /** The number of values at which the interval should be tightest. */
  readonly tunedFor?: number;
  /** Before this many values (of each arm) nothing is said: the guarantee is that of large numbers. */
  readonly burnIn?: number;
}

/**
 * Asymptotic confidence sequence of a mean (Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas 2024, "Time-uniform
 * central limit theory and asymptotic confidence sequences"; the mixture of Robbins 1970, as in mSPRT of Johari et al. 2015):
 *   mean ± σ √( 2 (tρ² + 1)/(t²ρ²) · ln(√(tρ² + 1)/α) ).
 * For values without bounds, such as revenue or dwell; where there are bounds `BettingSequence` needs no large numbers.
 */
export function meanSequence(moments: Moments, options: SequenceOptions = {}): Interval {
  return around(moments.mean, varianceOf(moments) / moments.count, moments.count, moments.count, options);
}

/** The difference `candidate − served` of two arms of an A/B test, under the same guarantee. */
export function differenceSequence(served: Moments, candidate: Moments, options: SequenceOptions = {}): Interval {
  const variance = varianceOf(served) / served.count + varianceOf(candidate) / candidate.count;
  const least = Math.min(served.count, candidate.count);
  return around(candidate.mean - served.mean, variance, served.count + candidate.count, least, options);
}

const varianceOf = ({ count, squares }: Moments): number => squares / Math.max(1, count - 1);

function around(mean: number, variance: number, count: number, least: number, options: SequenceOptions): Interval {
  const { level = 0.95, tunedFor = 5000, burnIn = 100 } = options;
  if (least < burnIn) return { mean, low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY };
  const risk = 1 - level;
  const scale = (-2 * Math.log(risk) + Math.log(-2 * Math.log(risk)) + 1) / tunedFor;
  const time = count * scale;
  const radius = Math.sqrt(2 * variance * (1 + 1 / time) * Math.log(Math.sqrt(time + 1) / risk));
  return { mean, low: mean - radius, high: mean + radius };
}
