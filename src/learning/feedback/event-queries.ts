import { sql } from 'kysely';
import type { Db } from '../../foundation/database/tables.ts';

/** The search that an event names, and where it showed the item. */
export interface Showing {
  readonly collectionId: number;
  readonly searchId: string;
  readonly queryKey: string | null;
  readonly client: string;
  readonly at: Date;
  /** null when the search did not show it. */
  readonly position: number | null;
}

/** For each pair of search and item, by the pair's place in the lists: what the record knows. */
export async function readShowings(
  db: Db,
  searchIds: readonly string[],
  itemIds: readonly string[],
): Promise<Map<number, Showing>> {
  // By search, not by pair: many events are about the same search.
  const { rows } = await sql<{
    collection_id: number;
    id: string;
    query_key: string | null;
    client: string;
    at: Date;
    places: Array<readonly [number, number | null]>;
  }>`
    select s.collection_id, s.id, s.query_key, s.client, s.at,
      jsonb_agg(jsonb_build_array(pair.place, s.first_position + array_position(s.item_ids, pair.item_id) - 1)) as places
    from unnest(${[...searchIds]}::uuid[], ${[...itemIds]}::text[]) with ordinality as pair (search_id, item_id, place)
      join searches s on s.id = pair.search_id group by s.id`.execute(db);
  return new Map(
    rows.flatMap(({ places, ...row }) => {
      const search = {
        collectionId: row.collection_id,
        searchId: row.id,
        queryKey: row.query_key,
        client: row.client,
        at: row.at,
      };
      return places.map(([place, position]) => [place - 1, { ...search, position }] as const);
    }),
  );
}

export interface EventRow {
  readonly id: string;
  readonly collectionId: number;
  readonly searchId: string;
  readonly itemId: string;
  readonly type: string;
  readonly position: number;
  readonly value: number | null;
  readonly userId: string | null;
  readonly at: Date;
  /** Null for what memory does not learn from. */
  readonly queryKey: string | null;
  readonly client: string;
}

/**
 * Whoever stores events holds this, shared, from before it looks for their searches until they are stored; whoever erases
 * waits for all of them once. Afterwards no event of an erased search can come.
 */
export async function lockEvents(transaction: Db, how: 'storing' | 'erasing'): Promise<void> {
  await (how === 'storing'
    ? sql`select pg_advisory_xact_lock_shared(hashtext('events'))`
    : sql`select pg_advisory_xact_lock(hashtext('events'))`
  ).execute(transaction);
}

/**
 * Stores events that are not there yet, together with what is to be done because of them: whatever happens next, it is
 * known. Returns the places of the new ones.
 */
export async function storeEvents(db: Db, events: readonly EventRow[], now: Date): Promise<Set<number>> {
  if (events.length === 0) return new Set();
  const column = <Value>(of: (event: EventRow) => Value): Value[] => events.map(of);
  const memory = distinct(
    events.filter(({ queryKey }) => queryKey !== null).map((event) => [event.collectionId, event.queryKey]),
  );
  const guards = distinct(
    events.filter(({ type }) => type !== 'impression').map((event) => [event.collectionId, event.client]),
  );
  // In the order of their keys: of two batches at once that share some, neither waits for the other in a circle.
  const { rows } = await sql<{ place: number }>`
    with given as materialized (
      select * from unnest(${column(({ id }) => id)}::text[], ${column(({ collectionId }) => collectionId)}::integer[],
        ${column(({ searchId }) => searchId)}::uuid[], ${column(({ itemId }) => itemId)}::text[], ${column(({ type }) => type)}::text[],
        ${column(({ position }) => position)}::integer[], ${column(({ value }) => value)}::double precision[],
        ${column(({ userId }) => userId)}::text[], ${column(({ at }) => at.toISOString())}::timestamptz[])
        with ordinality as e (id, collection_id, search_id, item_id, type, position, value, user_id, at, place)
    ), stored as (
      insert into events (id, collection_id, search_id, item_id, type, position, value, user_id, at, received_at)
      select id, collection_id, search_id, item_id, type, position, value, user_id, at, ${now} from given
      where exists (select from searches where searches.id = given.search_id)
      order by collection_id, id on conflict (collection_id, id) do nothing returning collection_id, id
    ), memory as (
      insert into memory_due (collection_id, query_key)
      select * from unnest(${memory.map(([id]) => id)}::integer[], ${memory.map(([, key]) => key)}::text[]) as due (id, key)
      order by 1, 2 on conflict do nothing
    ), guards as (
      insert into guard_due (collection_id, client)
      select * from unnest(${guards.map(([id]) => id)}::integer[], ${guards.map(([, key]) => key)}::text[]) as due (id, key)
      order by 1, 2 on conflict do nothing
    )
    select given.place::integer from given join stored using (collection_id, id)`.execute(db);
  return new Set(rows.map(({ place }) => place - 1));
}

const distinct = (
  pairs: ReadonlyArray<readonly [number, string | null]>,
): ReadonlyArray<readonly [number, string | null]> => [
  ...new Map(pairs.map((pair) => [pair.join(' '), pair])).values(),
];
