import { sql } from 'kysely';
import { toVectorText } from '../../foundation/core/math.ts';
import type { Db } from '../../foundation/database/tables.ts';
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

/** Held until the transaction ends. */
export async function lockMemory(transaction: Db, collectionId: number, queryKey: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(${collectionId}::integer, hashtext(${queryKey}))`.execute(transaction);
}

export interface MemoryWrite {
  readonly collectionId: number;
  readonly queryKey: string;
  readonly space: string | null;
  readonly vector: Float32Array | null;
  readonly cells: MemoryCells;
  readonly clicks: number;
  readonly at: Date;
}

export async function writeMemory(db: Db, memory: MemoryWrite): Promise<void> {
  const embedding = memory.vector === null ? null : toVectorText(memory.vector);
  await sql`
    insert into memory_queries (collection_id, query_key, text, space, embedding, cells, clicks, updated_at)
    values (${memory.collectionId}, ${memory.queryKey}, ${memory.queryKey}, ${memory.space}, ${embedding}::vector,
      ${JSON.stringify(memory.cells)}::jsonb, ${memory.clicks}, ${memory.at})
    on conflict (collection_id, query_key) do update set space = excluded.space, embedding = excluded.embedding,
      cells = excluded.cells, clicks = excluded.clicks, updated_at = excluded.updated_at`.execute(db);
}

export interface NearRequest {
  readonly collectionId: number;
  readonly queryKey: string;
  readonly query: { readonly space: string; readonly vector: Float32Array } | null;
  readonly minSimilarity: number;
  readonly limit: number;
}

/** The memory of the query itself and of its nearest neighbours, nearest first. */
export async function readNearMemories(db: Db, request: NearRequest): Promise<NearMemory[]> {
  const { collectionId, queryKey, query, minSimilarity, limit } = request;
  const vector = query === null ? null : toVectorText(query.vector);
  // Spaces may differ in dimension, so the comparison must not even be tried across them: hence the case.
  const { rows } = await sql<MemoryRow & { similarity: number }>`
    select * from (
      select query_key, text, cells, clicks, updated_at, case when query_key = ${queryKey} then 1
        when space = ${query?.space ?? null} then 1 - (embedding <=> ${vector}::vector) end as similarity
      from memory_queries where collection_id = ${collectionId} and clicks > 0
    ) near where similarity >= ${minSimilarity} order by similarity desc, query_key limit ${limit}`.execute(db);
  return rows.map((row) => ({ ...toMemoryQuery(row), similarity: row.similarity }));
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
    on conflict (collection_id, query_key) do update set cells = excluded.cells, clicks = 0, since = excluded.since,
      space = null, embedding = null, updated_at = excluded.updated_at`.execute(db);
  return rows[0]?.count ?? 0;
}

/** When this query was last forgotten. */
export async function readForgottenAt(db: Db, collectionId: number, queryKey: string): Promise<Date | null> {
  const row = await db
    .selectFrom('memory_queries')
    .select('since')
    .where('collection_id', '=', collectionId)
    .where('query_key', '=', queryKey)
    .executeTakeFirst();
  return row?.since ?? null;
}
