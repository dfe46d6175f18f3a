import { type RawBuilder, sql } from 'kysely';
import type { Db } from '../../foundation/database/tables.ts';
import type { Interval, TimeRange } from './time-range.ts';

const inRange = (collectionId: number, { from, to }: TimeRange): RawBuilder<unknown> =>
  sql`s.collection_id = ${collectionId} and s.at >= ${from} and s.at < ${to} and s.first_position = 1`;

/**
 * `shown`: searches that count, from their first page on; those that have no session yet count. `acted`: what was done
 * with them. An event is at most a minute older than its search, so older ones need not be read.
 */
const shownAndActed = (collectionId: number, range: TimeRange): RawBuilder<unknown> => sql`
  with shown as materialized (
    select s.id, s.at, s.client, s.visit, s.query_key, s.took_ms, cardinality(s.item_ids) as hits
    from searches s left join sessions v on v.id = s.visit
    where ${inRange(collectionId, range)} and v.set_aside is null and v.irrelevant is null
  ), acted as (
    select e.search_id, (min(e.position) filter (where e.type = 'click'))::double precision as first_click,
      bool_or(e.type = 'purchase') as converted
    from events e join shown on shown.id = e.search_id
    where e.collection_id = ${collectionId} and e.at >= ${new Date(range.from.getTime() - 3_600_000)}
      and e.type in ('click', 'purchase')
    group by e.search_id
  )`;

export interface CountsRow {
  /** null for the whole range. */
  readonly bucket: Date | null;
  readonly searches: number;
  readonly clients: number;
  readonly sessions: number;
  readonly zero_results: number;
  readonly clicked: number;
  readonly abandoned: number;
  readonly reciprocal_ranks: number;
  readonly conversions: number;
  readonly median_took_ms: number | null;
}

/** Counts by bucket and, in the row without one, of the whole range. */
export async function readCounts(
  db: Db,
  collectionId: number,
  range: TimeRange,
  interval: Interval,
): Promise<CountsRow[]> {
  const { rows } = await sql<CountsRow>`
    ${shownAndActed(collectionId, range)}
    select bucket, count(*)::integer as searches, count(distinct client)::integer as clients,
      count(distinct visit)::integer as sessions, (count(*) filter (where hits = 0))::integer as zero_results,
      count(first_click)::integer as clicked,
      (count(*) filter (where hits > 0 and first_click is null))::integer as abandoned,
      coalesce(sum(1 / first_click), 0)::double precision as reciprocal_ranks,
      (count(*) filter (where converted))::integer as conversions,
      percentile_cont(0.5) within group (order by took_ms) as median_took_ms
    from (
      select shown.*, acted.first_click, acted.converted, date_trunc(${interval}::text, at, 'UTC') as bucket
      from shown left join acted on acted.search_id = shown.id
    ) done group by grouping sets ((bucket), ()) order by bucket`.execute(db);
  return rows;
}

export interface SetAsideCounts {
  readonly searches: number;
  readonly sessions: number;
  /** Sessions by reason: a guard's code, or `irrelevant`. */
  readonly reasons: Readonly<Record<string, number>>;
}

/** What was left out of the counts. */
export async function readSetAside(db: Db, collectionId: number, range: TimeRange): Promise<SetAsideCounts> {
  const { rows } = await sql<SetAsideCounts>`
    with away as materialized (
      select v.id, v.set_aside, v.irrelevant, count(*) as searches
      from searches s join sessions v on v.id = s.visit
      where ${inRange(collectionId, range)} and (v.set_aside is not null or v.irrelevant is not null)
      group by v.id
    ), reasons as (
      select code, count(distinct id) as sessions from (
        select id, reason ->> 'code' as code from away, jsonb_array_elements(set_aside) as reason where set_aside is not null
        union all
        select id, 'irrelevant' from away where irrelevant is not null
      ) given group by code
    )
    select coalesce(sum(searches), 0)::integer as searches, count(*)::integer as sessions,
      (select coalesce(jsonb_object_agg(code, sessions), '{}') from reasons where code is not null) as reasons from away`.execute(
    db,
  );
  return rows[0] ?? { searches: 0, sessions: 0, reasons: {} };
}

/** How many searches that count showed so many hits (more than `most` count as `most`), and searches with a click by position. */
export async function readPositions(
  db: Db,
  collectionId: number,
  range: TimeRange,
  most: number,
): Promise<{
  readonly lengths: ReadonlyArray<{ readonly hits: number; readonly searches: number }>;
  readonly clicks: ReadonlyArray<{ readonly position: number; readonly searches: number }>;
}> {
  const { rows } = await sql<{ kind: 'shown' | 'clicked'; place: number; searches: number }>`
    ${shownAndActed(collectionId, range)}
    select 'shown' as kind, least(hits, ${most}::integer) as place, count(*)::integer as searches from shown group by 2
    union all
    select 'clicked', e.position, count(distinct e.search_id)::integer from events e join shown on shown.id = e.search_id
    where e.collection_id = ${collectionId} and e.at >= ${new Date(range.from.getTime() - 3_600_000)} and e.type = 'click'
      and e.position <= ${most}::integer group by 2`.execute(db);
  return {
    lengths: rows.filter(({ kind }) => kind === 'shown').map(({ place, searches }) => ({ hits: place, searches })),
    clicks: rows.filter(({ kind }) => kind === 'clicked').map(({ place, searches }) => ({ position: place, searches })),
  };
}

/** Upper end of Wilson's interval at 95 % (see wilsonInterval): what is certain to be clicked little comes first. */
const highestClickShare = sql`(
  (clicked::double precision / answered + 1.9207 / answered
    + 1.96 * sqrt(clicked::double precision / answered * (1 - clicked::double precision / answered) / answered
      + 0.9604 / (answered::double precision * answered)))
  / (1 + 3.8416 / answered))`;

/** What each order sorts by, largest first; null leaves a query out. */
const RANKS = {
  searches: sql`searches`,
  'zero-results': sql`nullif(zero_results, 0)`,
  abandonment: sql`nullif(abandoned, 0)`,
  'low-click-through': sql`case when answered > 0 then -${highestClickShare} end`,
} as const satisfies Readonly<Record<string, RawBuilder<unknown>>>;
export type QueryOrder = keyof typeof RANKS;

export interface QueryRow {
  readonly query_key: string;
  readonly rank: number;
  readonly searches: number;
  readonly clients: number;
  readonly zero_results: number;
  readonly clicked: number;
  readonly abandoned: number;
  readonly conversions: number;
}

export interface QueriesPage {
  readonly order: QueryOrder;
  /** So many clients must have asked a query in this time. */
  readonly anonymity: number;
  readonly after: { readonly rank: number; readonly queryKey: string } | null;
  readonly limit: number;
}

/** Counts by query, and how many queries and searches are not shown because too few clients asked. */
export async function readQueries(
  db: Db,
  collectionId: number,
  range: TimeRange,
  { order, anonymity, after, limit }: QueriesPage,
): Promise<{ readonly rows: QueryRow[]; readonly hidden: { readonly queries: number; readonly searches: number } }> {
  const { rows } = await sql<{
    hidden_queries: number;
    hidden_searches: number;
    page: QueryRow[] | null;
  }>`
    ${shownAndActed(collectionId, range)}, counted as (
      select query_key, count(*)::integer as searches, count(distinct client)::integer as clients,
        (count(*) filter (where hits = 0))::integer as zero_results, (count(*) filter (where hits > 0))::integer as answered,
        count(first_click)::integer as clicked,
        (count(*) filter (where hits > 0 and first_click is null))::integer as abandoned,
        (count(*) filter (where converted))::integer as conversions
      from shown left join acted on acted.search_id = shown.id where query_key is not null group by query_key
    ), ranked as materialized (
      select * from (select counted.*, (${RANKS[order]})::double precision as rank from counted) r where rank is not null
    )
    select (select count(*)::integer from ranked where clients < ${anonymity}::integer) as hidden_queries,
      (select coalesce(sum(searches), 0)::integer from ranked where clients < ${anonymity}::integer) as hidden_searches,
      (select jsonb_agg(to_jsonb(p) order by p.rank desc, p.query_key) from (
        select * from ranked where clients >= ${anonymity}::integer and (${after === null} or rank < ${after?.rank ?? 0}::double precision
          or (rank = ${after?.rank ?? 0}::double precision and query_key > ${after?.queryKey ?? ''}::text))
        order by rank desc, query_key limit ${limit}) p) as page`.execute(db);
  const [row] = rows;
  return {
    rows: row?.page ?? [],
    hidden: { queries: row?.hidden_queries ?? 0, searches: row?.hidden_searches ?? 0 },
  };
}
