import type { ClickSession } from './click-session.ts';

/** A probability with what is known about it. */
export interface Estimate {
  /** Posterior mean, in [0, 1]. */
  readonly mean: number;
  /** Posterior standard deviation. */
  readonly deviation: number;
  /** Weighted number of looks that the estimate rests on: showings times the chance that each was looked at. */
  readonly support: number;
}

export interface PairEstimate extends Estimate {
  readonly queryKey: string;
  readonly itemId: string;
}

/** What a click model has learned. Everything about clicks is given by it; it never changes. */
export interface FittedClickModel {
  readonly name: string;
  /** Chance that a position is looked at. Only ratios between positions are known from clicks: models set the first to 1. */
  examination(position: number): number;
  /** Chance of a click on an item that is looked at; the prior for a pair that was never shown. */
  attraction(queryKey: string, itemId: string): Estimate;
  /** Every pair that was shown. */
  pairs(): Iterable<PairEstimate>;
  /** Chance of a click at each position of a page, given the clicks above it. */
  clickChances(session: ClickSession): number[];
}

/**
 * A way to explain clicks: who looked where, and what attracted.
 *
 * @example const fitted = positionBased().fit(sessions); fitted.attraction('red shoes', 'sku-7').mean
 */
export interface ClickModel {
  readonly name: string;
  fit(sessions: readonly ClickSession[]): FittedClickModel;
}
