import type { Clock } from '../../foundation/core/clock.ts';
import { StudioError } from '../../foundation/core/errors.ts';
import { canonicalJson, sha256 } from '../../foundation/core/hash.ts';
import type { Db } from '../../foundation/database/tables.ts';
import { type WilsonInterval, wilsonInterval } from '../evaluation/statistics/wilson-interval.ts';
import {
  type CountsRow,
  type QueryOrder,
  readCounts,
  readPositions,
  readQueries,
  readSetAside,
  type SetAsideCounts,
} from './analytics-queries.ts';
import { bucketsOf, type Interval, type TimeRange, timeRange } from './time-range.ts';

/** Moments in ISO 8601; the last seven days when both are left out. */
export interface AskedRange {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

/** What was asked and done. Rates are null where there is nothing to divide by. */
export interface Counts {
  readonly searches: number;
  readonly clients: number;
  readonly sessions: number;
  readonly zeroResults: number;
  readonly clickedSearches: number;
  /** Searches with a click, of all. */
  readonly clickThroughRate: number | null;
  /** Searches with hits and no click, of those with hits. */
  readonly abandonmentRate: number | null;
  /** Mean of 1/position of the topmost click over all searches, 0 where nothing was clicked. */
  readonly meanReciprocalRank: number | null;
  /** Searches that led to a purchase. */
  readonly conversions: number;
  readonly medianTookMs: number | null;
}

export interface Overview {
  readonly from: string;
  readonly to: string;
  readonly interval: Interval;
  /** `at` is the beginning, in UTC; weeks begin on Mondays. */
  readonly buckets: ReadonlyArray<Counts & { readonly at: string }>;
  readonly totals: Counts;
  /** What the counts leave out. */
  readonly setAside: SetAsideCounts;
}

export interface PositionCounts {
  readonly position: number;
  readonly impressions: number;
  /** Searches with a click there. */
  readonly clicks: number;
  readonly clickThroughRate: number | null;
  /** Where the rate lies, with 95 % confidence. */
  readonly interval: WilsonInterval | null;
}

export interface QueryCounts
  extends Pick<
    Counts,
    'searches' | 'clients' | 'zeroResults' | 'clickedSearches' | 'clickThroughRate' | 'abandonmentRate' | 'conversions'
  > {
  readonly query: string;
}

export interface AnalyticsOptions {
  readonly db: Db;
  readonly clock: Clock;
  /** So many clients must have asked a query before its text is shown. */
  readonly anonymityOf: (collectionId: number) => Promise<number>;
  /** Makes searches answered before this moment readable. */
  readonly flushSearches: () => Promise<void>;
}

const POSITIONS = 20;

/**
 * What a collection is asked and what comes of it, from the record of searches. Searches of sessions that were set aside
 * or called irrelevant are left out. All methods throw `invalid_request` for a range that is not possible.
 */
export class Analytics {
  readonly #options: AnalyticsOptions;

  constructor(options: AnalyticsOptions) {
    this.#options = options;
  }

  async overview(collectionId: number, asked: AskedRange & { readonly interval: Interval }): Promise<Overview> {
    const { db, flushSearches } = this.#options;
    const range = this.#rangeOf(asked);
    const buckets = bucketsOf(range, asked.interval);
    await flushSearches();
    const rows = await readCounts(db, collectionId, range, asked.interval);
    const byBucket = new Map(rows.map((row) => [row.bucket?.getTime() ?? null, row]));
    return {
      from: range.from.toISOString(),
      to: range.to.toISOString(),
      interval: asked.interval,
      buckets: buckets.map((at) => ({ at: at.toISOString(), ...toCounts(byBucket.get(at.getTime())) })),
      totals: toCounts(byBucket.get(null)),
      setAside: await readSetAside(db, collectionId, range),
    };
  }

  /** Impressions and clicks at positions 1 to 20. */
  async positions(
    collectionId: number,
    asked: AskedRange,
  ): Promise<{ readonly from: string; readonly to: string; readonly positions: readonly PositionCounts[] }> {
    const range = this.#rangeOf(asked);
    await this.#options.flushSearches();
    const { lengths, clicks } = await readPositions(this.#options.db, collectionId, range, POSITIONS);
    const clicksAt = new Map(clicks.map(({ position, searches }) => [position, searches]));
    const positions = Array.from({ length: POSITIONS }, (_, index): PositionCounts => {
      const position = index + 1;
      const impressions = lengths.reduce((sum, { hits, searches }) => sum + (hits >= position ? searches : 0), 0);
      const clicked = clicksAt.get(position) ?? 0;
      return {
        position,
        impressions,
        clicks: clicked,
        clickThroughRate: share(clicked, impressions),
        interval: impressions === 0 ? null : wilsonInterval(clicked, impressions),
      };
    });
    return { from: range.from.toISOString(), to: range.to.toISOString(), positions };
  }

  /** Counts by query; those that too few clients asked in this time are counted alone. Throws `invalid_cursor`. */
  async queries(
    collectionId: number,
    asked: AskedRange & { readonly order: QueryOrder; readonly limit: number; readonly cursor?: string | undefined },
  ): Promise<{
    readonly from: string;
    readonly to: string;
    readonly queries: readonly QueryCounts[];
    readonly hidden: { readonly queries: number; readonly searches: number };
    readonly nextCursor: string | null;
  }> {
    const { order, limit, cursor } = asked;
    const hash = sha256(canonicalJson([collectionId, order, asked.from ?? null, asked.to ?? null])).slice(0, 16);
    const place = cursor === undefined ? null : readCursor(hash, cursor);
    // The last seven days of the first page are not those of the next one.
    const range = place?.range ?? this.#rangeOf(asked);
    const anonymity = await this.#options.anonymityOf(collectionId);
    await this.#options.flushSearches();
    const page = { order, anonymity, after: place?.after ?? null, limit: limit + 1 };
    const { rows, hidden } = await readQueries(this.#options.db, collectionId, range, page);
    const shown = rows.slice(0, limit);
    const last = shown.at(-1);
    return {
      from: range.from.toISOString(),
      to: range.to.toISOString(),
      queries: shown.map((row) => ({
        query: row.query_key,
        searches: row.searches,
        clients: row.clients,
        zeroResults: row.zero_results,
        clickedSearches: row.clicked,
        clickThroughRate: share(row.clicked, row.searches),
        abandonmentRate: share(row.abandoned, row.searches - row.zero_results),
        conversions: row.conversions,
      })),
      hidden,
      nextCursor:
        rows.length > limit && last !== undefined ? writeCursor(hash, range, last.rank, last.query_key) : null,
    };
  }

  #rangeOf(asked: AskedRange): TimeRange {
    return timeRange(asked, this.#options.clock.now());
  }
}

const share = (part: number, whole: number): number | null => (whole === 0 ? null : part / whole);

function toCounts(row: CountsRow | undefined): Counts {
  const { searches = 0, zero_results: zeroResults = 0, clicked: clickedSearches = 0 } = row ?? {};
  return {
    searches,
    clients: row?.clients ?? 0,
    sessions: row?.sessions ?? 0,
    zeroResults,
    clickedSearches,
    clickThroughRate: share(clickedSearches, searches),
    abandonmentRate: share(row?.abandoned ?? 0, searches - zeroResults),
    meanReciprocalRank: share(row?.reciprocal_ranks ?? 0, searches),
    conversions: row?.conversions ?? 0,
    medianTookMs: row?.median_took_ms ?? null,
  };
}

const writeCursor = (hash: string, { from, to }: TimeRange, rank: number, queryKey: string): string =>
  Buffer.from(JSON.stringify([hash, from.getTime(), to.getTime(), rank, queryKey])).toString('base64url');

function readCursor(hash: string, cursor: string): { range: TimeRange; after: { rank: number; queryKey: string } } {
  let parts: unknown[];
  try {
    parts = JSON.parse(Buffer.from(cursor, 'base64url').toString());
  } catch {
    parts = [];
  }
  const [of, from, to, rank, queryKey] = Array.isArray(parts) ? parts : [];
  const isKey = typeof queryKey === 'string' && !queryKey.includes('\u0000') && queryKey.isWellFormed();
  const isRange = [from, to].every((moment) => Number.isInteger(moment) && Math.abs(Number(moment)) <= 8.64e15);
  if (!isKey || !isRange || typeof rank !== 'number')
    throw new StudioError('invalid_cursor', 'This is no cursor of a list of queries.');
  if (of !== hash) throw new StudioError('invalid_cursor', 'The cursor belongs to another request.');
  const range = timeRange(
    { from: new Date(Number(from)).toISOString(), to: new Date(Number(to)).toISOString() },
    new Date(0),
  );
  return { range, after: { rank, queryKey } };
}
