import { type RawBuilder, sql } from 'kysely';
import type { Db } from '../../foundation/database/tables.ts';

/**
 * Newest searches of a query that are looked at, per client that is wanted: a search explains dozens of queries at once, each
 * of which may have been asked a million times. Where these come from too few, the query counts as asked by too few.
 */
const LOOKED_AT = 50;

/**
 * Whether so many different clients have asked a query that its text says nothing about any one of them (k-anonymity,
 * Sweeney 2002); `queryKey` is a column or a value.
 */
export const isAskedByEnough = (
  collectionId: number,
  queryKey: RawBuilder<unknown>,
  clients: number,
): RawBuilder<unknown> => sql`(${clients}::integer <= 1 or (
    select count(distinct client) from (
      select client from searches where collection_id = ${collectionId} and query_key = ${queryKey}
      order by at desc limit ${LOOKED_AT * clients}) as newest) >= ${clients}::integer)`;

/** Those of these queries that enough different clients have asked. */
export async function askedByEnough(
  db: Db,
  collectionId: number,
  queryKeys: readonly string[],
  clients: number,
): Promise<Set<string>> {
  if (clients <= 1 || queryKeys.length === 0) return new Set(queryKeys);
  const { rows } = await sql<{ key: string }>`
    select key from (select distinct key from unnest(${[...queryKeys]}::text[]) as given (key)) as given
    where ${isAskedByEnough(collectionId, sql`given.key`, clients)}`.execute(db);
  return new Set(rows.map(({ key }) => key));
}
