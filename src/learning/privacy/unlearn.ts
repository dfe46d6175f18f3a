import { sql } from 'kysely';
import type { Db } from '../../foundation/database/tables.ts';

export interface Unlearned {
  /** Queries that others have asked too: to be learned again from what remains. */
  readonly relearn: readonly string[];
  /** Queries that nobody has asked now, of which memory held something. */
  readonly dropped: number;
  /** Queries that nobody has asked now. */
  readonly gone: readonly string[];
}

/**
 * After searches were deleted: what memory holds of queries that nobody has asked now goes with its text, the rest is due
 * to be learned again. Call it in the transaction that deleted them.
 */
export async function unlearn(transaction: Db, collectionId: number, queryKeys: readonly string[]): Promise<Unlearned> {
  if (queryKeys.length === 0) return { relearn: [], dropped: 0, gone: [] };
  const keys = [...new Set(queryKeys)];
  // A learner that has read the searches before they were deleted would write them down after us. The same locks as the
  // learner's (takeDueQueries), in one order, so that two who hold many do not wait for each other in a circle.
  await sql`
    select pg_advisory_xact_lock(${collectionId}::integer, hash) from (
      select distinct hashtext(key) as hash from unnest(${keys}::text[]) as given (key) order by 1) as ordered`.execute(
    transaction,
  );
  const { rows } = await sql<{ key: string }>`
    select key from unnest(${keys}::text[]) as given (key) where not exists (
      select from searches where collection_id = ${collectionId} and query_key = key)`.execute(transaction);
  const gone = rows.map(({ key }) => key);
  const dropped = await sql<{ count: number }>`
    with due as (delete from memory_due where collection_id = ${collectionId} and query_key = any(${gone}::text[])),
    dropped as (delete from memory_queries where collection_id = ${collectionId} and query_key = any(${gone}::text[]) returning 1)
    select count(*)::integer as count from dropped`.execute(transaction);
  const relearn = await sql<{ query_key: string }>`
    with known as (
      select query_key from memory_queries where collection_id = ${collectionId} and query_key = any(${keys}::text[])
    ), due as (
      insert into memory_due (collection_id, query_key)
      select ${collectionId}::integer, query_key from known order by query_key on conflict do nothing
    )
    select query_key from known`.execute(transaction);
  return { relearn: relearn.rows.map((row) => row.query_key), dropped: dropped.rows[0]?.count ?? 0, gone };
}
