import { logBeta } from '../statistics/special-functions.ts';

export interface SignResult {
  /** Share of decided comparisons that were won. */
  readonly share: number;
  /** Holds at all times at once with the given level: one may look after every session and stop when it excludes ½. */
  readonly low: number;
  readonly high: number;
  /** Always-valid p-value of "wins are as likely as losses". */
  readonly pValue: number;
}

export interface SignOptions {
  readonly level?: number;
  /** Strength of the mixture's Beta prior around ½: larger finds small advantages sooner, smaller finds large ones sooner. */
  readonly concentration?: number;
}

/**
 * Always-valid inference about wins against losses, by the mixture sequential probability ratio test (Robbins 1970;
 * Johari, Pekelis and Walsh 2015): the likelihood of the counts averaged over a Beta(c, c) prior against their likelihood under
 * share p is a martingale under p, so by Ville's inequality it exceeds 1/α ever with chance at most α. A function of the counts alone: ties
 * do not enter, nor does the order.
 *
 * @example alwaysValidSign(80, 40).low > 0.5 // false: 120 sessions looked at all the time are few
 */
export function alwaysValidSign(wins: number, losses: number, options: SignOptions = {}): SignResult {
  const { level = 0.95, concentration = 10 } = options;
  const count = wins + losses;
  if (count === 0) return { share: 0.5, low: 0, high: 1, pValue: 1 };
  const mixture = logBeta(concentration + wins, concentration + losses) - logBeta(concentration, concentration);
  const logEvidence = (p: number): number => mixture - term(wins, p) - term(losses, 1 - p);
  const limit = -Math.log(1 - level);
  const share = wins / count;
  return {
    share,
    low: boundary((p) => logEvidence(p) >= limit, 0, share),
    high: boundary((p) => logEvidence(p) >= limit, 1, share),
    pValue: Math.min(1, Math.exp(-logEvidence(0.5))),
  };
}

const term = (count: number, p: number): number => (count === 0 ? 0 : count * Math.log(p));

/** The last excluded share on the way from `outside` to `inside`, by bisection: evidence falls towards the observed share. */
function boundary(isExcluded: (p: number) => boolean, outside: number, inside: number): number {
  if (!isExcluded(outside)) return outside;
  let [excluded, kept] = [outside, inside];
  for (let step = 0; step < 60; step++) {
    const middle = (excluded + kept) / 2;
    if (isExcluded(middle)) excluded = middle;
    else kept = middle;
  }
  return excluded;
}
