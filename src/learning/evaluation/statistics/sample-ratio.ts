import { StudioError } from '../../../foundation/core/errors.ts';
import { chiSquaredTail, logGamma } from './special-functions.ts';

export interface SampleRatioResult {
  /** Chi-squared test: valid when looked at once, at a moment fixed before. */
  readonly pValue: number;
  /** Valid however often it is looked at (Lindon and Malek 2022); multinomial mixture against the wanted shares. */
  readonly alwaysValidPValue: number;
  /** The always-valid p-value lies below .001: something loses or repeats sessions of one arm, and no result is to be trusted. */
  readonly mismatch: boolean;
}

/** A mismatch ruins every conclusion and is rare: the usual threshold (Fabijan et al. 2019). */
const ALARM = 0.001;
/** The mixture's prior strength: shares a few percent off the wanted ones are found soonest. */
const CONCENTRATION = 100;

/**
 * Sample ratio mismatch: whether arms got the shares of sessions that they were meant to get.
 *
 * @throws StudioError invalid_request when shares are not positive or do not sum to 1
 * @example sampleRatio([5100, 4900], [0.5, 0.5]).mismatch // false
 */
export function sampleRatio(counts: readonly number[], shares: readonly number[]): SampleRatioResult {
  const wanted = shares.reduce((sum, share) => sum + share, 0);
  if (counts.length !== shares.length || shares.some((share) => !(share > 0)) || Math.abs(wanted - 1) > 1e-9)
    throw new StudioError('invalid_request', 'Each arm needs a share above 0, and the shares must sum to 1.');
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total === 0) return { pValue: 1, alwaysValidPValue: 1, mismatch: false };
  const statistic = counts.reduce(
    (sum, count, arm) => sum + (count - total * shares[arm]!) ** 2 / (total * shares[arm]!),
    0,
  );
  // The Dirichlet-multinomial likelihood of the counts over their likelihood under the wanted shares.
  const logRatio = counts.reduce(
    (sum, count, arm) => {
      const prior = CONCENTRATION * shares[arm]!;
      return sum + logGamma(prior + count) - logGamma(prior) - count * Math.log(shares[arm]!);
    },
    logGamma(CONCENTRATION) - logGamma(CONCENTRATION + total),
  );
  const alwaysValidPValue = Math.min(1, Math.exp(-logRatio));
  return {
    pValue: chiSquaredTail(statistic, counts.length - 1),
    alwaysValidPValue,
    mismatch: alwaysValidPValue < ALARM,
  };
}
