import { type BootstrapOptions, bootstrap, type Interval } from '../bootstrap.ts';
import { dcgAt, mean } from '../metrics.ts';
import { effectiveSampleSize } from './importance.ts';
import type { LoggedHit, LoggedSearch, TargetRanking } from './logged-search.ts';

export interface WithinPageOptions extends BootstrapOptions {
  /** Chance that a position is looked at, up to a common factor: a click model's, or 1/position. */
  readonly examination: (position: number) => number;
  /**
   * The served release's own ranking; the order shown by default. Needed where pages were explored: exploration puts items out
   * of order, and every candidate would be praised for putting them back.
   */
  readonly served?: TargetRanking;
  /** Largest weight of a click relative to one at the first position; 20 by default. */
  readonly clip?: number;
}

export interface WithinPageResult extends Interval {
  /** Queries with a click; the others cannot speak for either order. */
  readonly queries: number;
  /** Clicks that the result effectively rests on. */
  readonly effectiveSampleSize: number;
  /** `promote` when the whole interval lies above 0, `refuse` when it lies below. */
  readonly verdict: 'promote' | 'undecided' | 'refuse';
}

/**
 * The gate: the items of each logged page are put into the candidate's order, and the DCG of their clicks, each weighted by the inverse
 * chance that its position was looked at (Joachims, Swaminathan and Schnabel 2017), is compared with that of the served order. Both
 * orders hold the same items, so nothing need be known about items that were not shown, and a click-blind candidate gains
 * nothing. The mean is over queries, each with its searches averaged.
 *
 * @param target the candidate's ranking; items that it leaves out come last, in the order shown
 */
export function withinPageGate(
  searches: readonly LoggedSearch[],
  target: TargetRanking,
  options: WithinPageOptions,
): WithinPageResult {
  const byQuery = new Map<string, number[]>();
  const clicked = new Set<string>();
  const weights: number[] = [];
  for (const search of searches) {
    const { gain, clickWeights } = gainWithinPage(search, target(search), options);
    byQuery.set(search.queryKey, [...(byQuery.get(search.queryKey) ?? []), gain]);
    if (clickWeights.length > 0) clicked.add(search.queryKey);
    weights.push(...clickWeights);
  }
  const gains = [...byQuery].filter(([query]) => clicked.has(query)).map(([, values]) => mean(values));
  const interval = bootstrap(gains, options);
  const verdict = interval.low > 0 ? 'promote' : interval.high < 0 ? 'refuse' : 'undecided';
  return { ...interval, queries: gains.length, effectiveSampleSize: effectiveSampleSize(weights), verdict };
}

/** The candidate's weighted DCG less the served order's, of one page. */
function gainWithinPage(search: LoggedSearch, target: readonly string[], options: WithinPageOptions) {
  const { examination, served, clip = 20 } = options;
  const first = examination(1);
  const weightOf = (position: number): number => Math.min(clip, first / examination(position));
  const shown = [...search.hits].sort((left, right) => left.position - right.position);
  const dcgOf = (hits: readonly LoggedHit[]): number =>
    dcgAt(
      hits.map(({ reward, position }) => reward * weightOf(position)),
      hits.length,
    );
  const before = served === undefined ? shown : inOrder(shown, served(search));
  return {
    gain: dcgOf(inOrder(shown, target)) - dcgOf(before),
    clickWeights: shown.filter(({ reward }) => reward > 0).map(({ position }) => weightOf(position)),
  };
}

function inOrder(hits: readonly LoggedHit[], ranking: readonly string[]): LoggedHit[] {
  const ranks = new Map(ranking.map((itemId, rank) => [itemId, rank]));
  const rankOf = ({ itemId }: LoggedHit): number => ranks.get(itemId) ?? Number.MAX_SAFE_INTEGER;
  return [...hits].sort((left, right) => rankOf(left) - rankOf(right));
}
