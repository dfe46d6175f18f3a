import { type RawBuilder, sql } from 'kysely';
import type { Db } from '../../foundation/database/tables.ts';
import { realArray } from '../../serving/indexes/vector/real-array.ts';
import type { ClickSpread } from './click-spread.ts';
import type { MemoryCells } from './memory-cells.ts';

/**
 * Takes queries off the list of those to learn and keeps other learners of them waiting, until the transaction ends.
 * Whoever puts one on the list meanwhile waits too. In one order, so that two who hold many do not wait in a circle.
 */
export async function takeDueQueries(
  transaction: Db,
  collectionId: number,
  queryKeys: readonly string[],
): Promise<void> {
  const keys = [...queryKeys];
  await sql`
    select pg_advisory_xact_lock(${collectionId}::integer, hash) from (
      select distinct hashtext(key) as hash from unnest(${keys}::text[]) as given (key) order by 1) as ordered`.execute(
    transaction,
  );
  await sql`
    with taken as (
      select query_key from memory_due where collection_id = ${collectionId} and query_key = any(${keys}::text[])
      order by query_key for update)
    delete from memory_due where collection_id = ${collectionId} and query_key in (select query_key from taken)`.execute(
    transaction,
  );
}

/**
 * Those of the queries that still stand in a search. The others were erased or are too old: then nothing of them is
 * remembered either.
 */
export async function keepWhatIsAsked(
  transaction: Db,
  collectionId: number,
  queryKeys: readonly string[],
): Promise<string[]> {
  const { rows } = await sql<{ key: string; asked: boolean }>`
    with given as materialized (
      select key, exists (select from searches where collection_id = ${collectionId} and query_key = key) as asked
      from unnest(${[...queryKeys]}::text[]) as given (key)
    ), forgotten as (
      delete from memory_queries where collection_id = ${collectionId} and query_key in (select key from given where not asked))
    select key, asked from given`.execute(transaction);
  return rows.filter(({ asked }) => asked).map(({ key }) => key);
}

export interface QueryShowing {
  readonly queryKey: string;
  readonly searchId: string;
  readonly client: string;
  readonly itemIds: readonly string[];
  readonly firstPosition: number;
  readonly at: Date;
}

/** The newest showings of each query that count, since it was last forgotten. */
export async function readShowingsOf(
  db: Db,
  collectionId: number,
  queryKeys: readonly string[],
  limit: number,
): Promise<QueryShowing[]> {
  const { rows } = await sql<{
    query_key: string;
    id: string;
    client: string;
    item_ids: string[];
    first_position: number;
    at: Date;
  }>`
    select s.* from unnest(${[...queryKeys]}::text[]) as given (key)
      left join memory_queries m on m.collection_id = ${collectionId} and m.query_key = given.key
      cross join lateral (
        select s.query_key, s.id, s.client, s.item_ids, s.first_position, s.at
        from searches s left join sessions v on v.id = s.visit
        where s.collection_id = ${collectionId} and s.query_key = given.key and (m.since is null or s.at > m.since)
          and v.set_aside is null and v.irrelevant is null
        order by s.at desc, s.id desc limit ${limit}) s`.execute(db);
  return rows.map((row) => ({
    queryKey: row.query_key,
    searchId: row.id,
    client: row.client,
    itemIds: row.item_ids,
    firstPosition: row.first_position,
    at: row.at,
  }));
}

/** What was done, by search and item: the types of events. */
export async function readActions(db: Db, searchIds: readonly string[]): Promise<Map<string, Map<string, string[]>>> {
  const { rows } = await sql<{ search_id: string; item_id: string; types: string[] }>`
    select search_id, item_id, array_agg(distinct type) as types from events
    where search_id = any(${[...searchIds]}::uuid[]) group by search_id, item_id`.execute(db);
  const actions = new Map<string, Map<string, string[]>>();
  for (const row of rows) {
    const items = actions.get(row.search_id) ?? new Map<string, string[]>();
    actions.set(row.search_id, items.set(row.item_id, row.types));
  }
  return actions;
}

export interface MemoryWrite {
  readonly queryKey: string;
  readonly space: string | null;
  readonly vector: Float32Array | null;
  readonly cells: MemoryCells;
  readonly spread: ClickSpread;
}

/** Bound as numbers, whose text form would take longer to write than anything else here. */
export const boundVector = (vector: Float32Array | null): RawBuilder<unknown> =>
  vector === null ? sql`null::vector` : sql`${realArray([vector])}::real[]::vector`;

export async function writeMemories(
  db: Db,
  collectionId: number,
  memories: readonly MemoryWrite[],
  at: Date,
): Promise<void> {
  if (memories.length === 0) return;
  const rows = memories.map(({ queryKey, space, vector, cells, spread }) => {
    const clicks = Object.values(cells).reduce((sum, cell) => sum + cell.clicks, 0);
    return sql`(${collectionId}::integer, ${queryKey}, ${queryKey}, ${space}, ${boundVector(vector)}, ${JSON.stringify(cells)}::jsonb,
      ${clicks}::double precision, ${spread.excess}::double precision, ${spread.mass}::double precision, ${at}::timestamptz)`;
  });
  await sql`
    insert into memory_queries (collection_id, query_key, text, space, embedding, cells, clicks, excess, mass, updated_at)
    values ${sql.join(rows)}
    on conflict (collection_id, query_key) do update set space = excluded.space, embedding = excluded.embedding,
      cells = excluded.cells, clicks = excluded.clicks, excess = excluded.excess, mass = excluded.mass,
      updated_at = excluded.updated_at`.execute(db);
}
