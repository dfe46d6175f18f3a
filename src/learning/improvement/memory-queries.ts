import { sql } from 'kysely';
import type { Db } from '../../foundation/database/tables.ts';
import { analyzeIfGrown } from '../../serving/indexes/vector/keep-statistics.ts';
import { isAskedByEnough } from '../privacy/anonymity.ts';
import type { ClickSpread } from './click-spread.ts';
import { boundVector } from './learning-queries.ts';
import type { MemoryCells } from './memory-cells.ts';

export interface MemoryQuery {
  readonly queryKey: string;
  readonly text: string;
  readonly cells: MemoryCells;
  readonly clicks: number;
  readonly updatedAt: Date;
}

export interface NearMemory extends MemoryQuery {
  /** Cosine of the two queries; 1 for the query itself. */
  readonly similarity: number;
}

interface MemoryRow {
  query_key: string;
  text: string;
  cells: MemoryCells;
  clicks: number;
  updated_at: Date;
}

const toMemoryQuery = (row: MemoryRow): MemoryQuery => ({
  queryKey: row.query_key,
  text: row.text,
  cells: row.cells,
  clicks: row.clicks,
  updatedAt: row.updated_at,
});

/** Without statistics, which the embedded database takes only when told, the newest memories are found by sorting all. */
export async function keepMemoryStatistics(db: Db): Promise<void> {
  await analyzeIfGrown(db, 'memory_queries', ['collection_id', 'clicks', 'updated_at']);
}

export interface NearRequest {
  readonly collectionId: number;
  readonly queryKey: string;
  readonly query: { readonly space: string; readonly vector: Float32Array } | null;
  readonly minSimilarity: number;
  readonly limit: number;
  /** Compares with memories from this moment on; with all when null. */
  readonly since: Date | null;
}

/**
 * Memories that a query is compared with, the newest first. Each costs .6 µs of every search, embedded 1.3, and a
 * catalogue is asked more queries every day; what was not clicked for the longest time has decayed the most.
 */
export const MAX_COMPARED = 2000;

/** The memory of the query itself, and of its nearest neighbours among the newest memories, nearest first. */
export async function readNearMemories(db: Db, request: NearRequest): Promise<NearMemory[]> {
  const { collectionId, queryKey, query, minSimilarity, limit, since } = request;
  const vector = boundVector(query?.vector ?? null);
  // Spaces may differ in dimension, so the comparison must not even be tried across them: hence the case.
  const { rows } = await sql<MemoryRow & { similarity: number }>`
    select * from (
      select query_key, text, cells, clicks, updated_at, 1::double precision as similarity
      from memory_queries where collection_id = ${collectionId} and query_key = ${queryKey} and clicks > 0
      union all
      select query_key, text, cells, clicks, updated_at,
        case when space = ${query?.space ?? null} then 1 - (embedding <=> ${vector}) end as similarity
      from memory_queries
      where collection_id = ${collectionId} and query_key <> ${queryKey} and clicks > 0 and ${query !== null}
        and updated_at >= coalesce(${since}::timestamptz, '-infinity')
    ) near where similarity >= ${minSimilarity} order by similarity desc, query_key limit ${limit}`.execute(db);
  return rows.map((row) => ({ ...toMemoryQuery(row), similarity: row.similarity }));
}

export interface NewestMemories {
  /** Moment of the oldest of those that queries are compared with; null when there are no more than those. */
  readonly since: Date | null;
  /** How far their clicks are from chance, all together. */
  readonly spread: ClickSpread;
}

/** Finds the newest memories, which takes longer than comparing a query with them. */
export async function readNewestMemories(db: Db, collectionId: number): Promise<NewestMemories> {
  const { rows } = await sql<ClickSpread & { count: number; since: Date | null }>`
    select coalesce(sum(excess), 0)::double precision as excess, coalesce(sum(mass), 0)::double precision as mass,
      count(*)::integer as count, min(updated_at) as since from (
        select excess, mass, updated_at from memory_queries where collection_id = ${collectionId} and clicks > 0
        order by updated_at desc limit ${MAX_COMPARED}) as newest`.execute(db);
  const { count = 0, since = null, excess = 0, mass = 0 } = rows[0] ?? {};
  return { since: count < MAX_COMPARED ? null : since, spread: { excess, mass } };
}

/** Remembered queries by key, for inspection; `after` is the last key of the previous page. */
export async function listMemories(
  db: Db,
  collectionId: number,
  after: string | null,
  limit: number,
): Promise<MemoryQuery[]> {
  const { rows } = await sql<MemoryRow>`
    select query_key, text, cells, clicks, updated_at from memory_queries
    where collection_id = ${collectionId} and clicks > 0 and (${after}::text is null or query_key > ${after}::text)
    order by query_key limit ${limit}`.execute(db);
  return rows.map(toMemoryQuery);
}

export interface MemoryPage {
  readonly queries: readonly MemoryQuery[];
  /** Queries between the places of this page and the next that too few have asked for their text to be shown. */
  readonly hidden: number;
  /** Key of the last query of this page; null when no further one can be shown. */
  readonly nextAfter: string | null;
}

/** Remembered queries that enough clients have asked. A page ends with one that is shown: its key goes into the cursor. */
export async function pageOfMemories(
  db: Db,
  collectionId: number,
  page: { readonly after: string | null; readonly limit: number; readonly anonymity: number },
): Promise<MemoryPage> {
  const { after, limit, anonymity } = page;
  const { rows } = await sql<MemoryRow>`
    select query_key, text, cells, clicks, updated_at from memory_queries m
    where collection_id = ${collectionId} and clicks > 0 and (${after}::text is null or query_key > ${after}::text)
      and ${isAskedByEnough(collectionId, sql`m.query_key`, anonymity)}
    order by query_key limit ${limit + 1}`.execute(db);
  const queries = rows.slice(0, limit).map(toMemoryQuery);
  const nextAfter = rows.length > limit ? (queries.at(-1)?.queryKey ?? null) : null;
  const passed = await sql<{ count: number }>`
    select count(*)::integer as count from memory_queries
    where collection_id = ${collectionId} and clicks > 0 and (${after}::text is null or query_key > ${after}::text)
      and (${nextAfter}::text is null or query_key <= ${nextAfter}::text)`.execute(db);
  return { queries, hidden: Math.max(0, (passed.rows[0]?.count ?? 0) - queries.length), nextAfter };
}

/**
 * Forgets one query, or everything the collection was ever asked, from this moment on: the rows stay, empty, with
 * the moment, so that a later click does not bring the old evidence back. Returns how many held something.
 */
export async function forgetMemories(db: Db, collectionId: number, queryKey: string | null, at: Date): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*)::integer as count from memory_queries where collection_id = ${collectionId} and clicks > 0
      and (${queryKey}::text is null or query_key = ${queryKey}::text)`.execute(db);
  await sql`
    insert into memory_queries (collection_id, query_key, text, cells, clicks, since, updated_at)
    select distinct collection_id, query_key, query_key, '{}'::jsonb, 0, ${at}::timestamptz, ${at}::timestamptz from searches
    where collection_id = ${collectionId} and query_key is not null
      and (${queryKey}::text is null or query_key = ${queryKey}::text)
    on conflict (collection_id, query_key) do update set cells = excluded.cells, clicks = 0, excess = 0, mass = 0, since = excluded.since,
      space = null, embedding = null, updated_at = excluded.updated_at`.execute(db);
  return rows[0]?.count ?? 0;
}
