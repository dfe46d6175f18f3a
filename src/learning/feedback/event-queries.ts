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

/** What the record knows of searches, by id; `positionOf` is null for an item that the search did not show. */
export interface RecordedSearch extends Omit<Showing, 'position'> {
  positionOf(itemId: string): number | null;
}

type SearchRow = [
  collectionId: number,
  id: string,
  queryKey: string | null,
  client: string,
  at: string,
  firstPosition: number,
  itemIds: string[],
];

export async function readRecordedSearches(db: Db, ids: readonly string[]): Promise<Map<string, RecordedSearch>> {
  // As one value: reading a thousand rows of an answer takes longer than finding them.
  const { rows } = await sql<{ searches: SearchRow[] | null }>`
    select json_agg(json_build_array(collection_id, id, query_key, client, at, first_position, item_ids)) as searches
    from searches where id = any(${[...ids]}::uuid[])`.execute(db);
  const searches = (rows[0]?.searches ?? []).map(
    ([collectionId, searchId, queryKey, client, at, firstPosition, itemIds]): [string, RecordedSearch] => [
      searchId,
      {
        collectionId,
        searchId,
        queryKey,
        client,
        at: new Date(at),
        positionOf(itemId) {
          const index = itemIds.indexOf(itemId);
          return index === -1 ? null : firstPosition + index;
        },
      },
    ],
  );
  return new Map(searches);
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
  /** The user whose profile it is evidence for. */
  readonly profileOf: string | null;
}

/**
 * Stores events that are not there yet and whose search still is (held, so that whoever erases it finds them), together
 * with what is to be done because of them: whatever happens next, it is known. Returns how many were new.
 */
export async function storeEvents(db: Db, events: readonly EventRow[], now: Date): Promise<number> {
  if (events.length === 0) return 0;
  const column = <Value>(of: (event: EventRow) => Value): Value[] => events.map(of);
  const memory = distinct(
    events.filter(({ queryKey }) => queryKey !== null).map((event) => [event.collectionId, event.queryKey]),
  );
  const guards = distinct(
    events.filter(({ type }) => type !== 'impression').map((event) => [event.collectionId, event.client]),
  );
  const profiles = distinct(
    events.filter(({ profileOf }) => profileOf !== null).map((event) => [event.collectionId, event.profileOf]),
  );
  // In the order of their keys: of two batches at once that share some, neither waits for the other in a circle.
  const { rows } = await sql<{ stored: number }>`
    with given as materialized (
      select * from unnest(${column(({ id }) => id)}::text[], ${column(({ collectionId }) => collectionId)}::integer[],
        ${column(({ searchId }) => searchId)}::uuid[], ${column(({ itemId }) => itemId)}::text[], ${column(({ type }) => type)}::text[],
        ${column(({ position }) => position)}::integer[], ${column(({ value }) => value)}::double precision[],
        ${column(({ userId }) => userId)}::text[], ${column(({ at }) => at.toISOString())}::timestamptz[])
        as e (id, collection_id, search_id, item_id, type, position, value, user_id, at)
    ), searched as materialized (
      select id from searches where id = any(${[...new Set(events.map(({ searchId }) => searchId))]}::uuid[])
      order by id for key share
    ), stored as (
      insert into events (id, collection_id, search_id, item_id, type, position, value, user_id, at, received_at)
      select id, collection_id, search_id, item_id, type, position, value, user_id, at, ${now} from given
      where search_id in (select id from searched)
      order by collection_id, id on conflict (collection_id, id) do nothing returning collection_id, id
    ), memory as (
      insert into memory_due (collection_id, query_key)
      select * from unnest(${memory.map(([id]) => id)}::integer[], ${memory.map(([, key]) => key)}::text[]) as due (id, key)
      order by 1, 2 on conflict do nothing
    ), guards as (
      insert into guard_due (collection_id, client)
      select * from unnest(${guards.map(([id]) => id)}::integer[], ${guards.map(([, key]) => key)}::text[]) as due (id, key)
      order by 1, 2 on conflict do nothing
    ), profiled as (
      insert into profiles (collection_id, user_id, updated_at)
      select id, user_id, ${now}::timestamptz
      from unnest(${profiles.map(([id]) => id)}::integer[], ${profiles.map(([, user]) => user)}::text[]) as due (id, user_id)
      where exists (select from stored)
      order by 1, 2 on conflict (collection_id, user_id) do update set due = true where not profiles.due
    )
    select count(*)::integer as stored from stored`.execute(db);
  return rows[0]?.stored ?? 0;
}

const distinct = (
  pairs: ReadonlyArray<readonly [number, string | null]>,
): ReadonlyArray<readonly [number, string | null]> => [
  ...new Map(pairs.map((pair) => [pair.join(' '), pair])).values(),
];
