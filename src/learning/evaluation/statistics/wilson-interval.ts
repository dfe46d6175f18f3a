import { normalQuantile } from './special-functions.ts';

export interface WilsonInterval {
  readonly low: number;
  readonly high: number;
}

/**
 * Where a share lies of which `successes` of `trials` were seen: the score interval of Wilson (1927), which stays within
 * 0 and 1 and holds for few trials and for rare successes. Without trials it could lie anywhere: 0 to 1.
 *
 * @example wilsonInterval(3, 10) // { low: 0.108, high: 0.603 }
 */
export function wilsonInterval(successes: number, trials: number, confidence = 0.95): WilsonInterval {
  if (trials === 0) return { low: 0, high: 1 };
  const z = normalQuantile(0.5 + confidence / 2);
  const share = successes / trials;
  const scale = 1 + (z * z) / trials;
  const centre = (share + (z * z) / (2 * trials)) / scale;
  const reach = (z / scale) * Math.sqrt((share * (1 - share)) / trials + (z * z) / (4 * trials * trials));
  // Rounding must not say that what was seen is impossible.
  return { low: Math.max(0, Math.min(share, centre - reach)), high: Math.min(1, Math.max(share, centre + reach)) };
}
