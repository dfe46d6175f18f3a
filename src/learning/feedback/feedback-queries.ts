import { sql } from 'kysely';
import type { Db } from '../../foundation/database/tables.ts';
import type { ShownSearch } from '../../serving/search/search-recorder.ts';
import { queryKeyOf } from './query-key.ts';

export interface StoredSearch {
  readonly id: string;
  readonly collectionId: number;
  readonly queryKey: string | null;
  readonly itemIds: readonly string[];
  readonly firstPosition: number;
  readonly who: string;
  readonly at: Date;
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
  readonly receivedAt: Date;
}

/** One statement for a whole buffer of searches: rows travel as one JSON document, which both engines parse quickly. */
export async function insertSearches(db: Db, shown: readonly ShownSearch[]): Promise<void> {
  const rows = shown.map((search) => ({
    id: search.searchId,
    collection_id: search.collectionId,
    release_id: search.releaseId,
    request: search.request,
    query_key: search.queryText === null ? null : queryKeyOf(search.queryText),
    user_id: search.user,
    session_id: search.session,
    item_ids: search.itemIds,
    scores: search.scores,
    propensities: search.propensities,
    first_position: search.firstPosition,
    total: search.total,
    took_ms: search.tookMs,
    at: search.at.toISOString(),
  }));
  // A collection may be dropped while its last searches still wait here: those rows have nothing to belong to.
  await sql`
    insert into searches (id, collection_id, release_id, request, query_key, user_id, session_id, item_ids, scores,
      propensities, first_position, total, took_ms, at)
    select r.id, r.collection_id, r.release_id, r.request, r.query_key, r.user_id, r.session_id,
      array(select jsonb_array_elements_text(r.item_ids)), array(select jsonb_array_elements_text(r.scores)::double precision),
      array(select jsonb_array_elements_text(r.propensities)::double precision), r.first_position, r.total, r.took_ms, r.at
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as r (id uuid, collection_id integer, release_id uuid, request jsonb,
      query_key text, user_id text, session_id text, item_ids jsonb, scores jsonb, propensities jsonb,
      first_position integer, total integer, took_ms double precision, at timestamptz)
    where exists (select from collections c where c.id = r.collection_id)
    on conflict (id) do nothing`.execute(db);
}

/** Appends a later page, once: a page asked for twice finds its hits there already. */
export async function extendSearch(db: Db, page: ShownSearch): Promise<void> {
  await sql`
    update searches set item_ids = item_ids || ${[...page.itemIds]}::text[], scores = scores || ${[...page.scores]}::double precision[],
      propensities = propensities || ${[...page.propensities]}::double precision[]
    where id = ${page.searchId}::uuid and first_position + cardinality(item_ids) = ${page.firstPosition}`.execute(db);
}

interface SearchRow {
  id: string;
  collection_id: number;
  query_key: string | null;
  item_ids: string[];
  first_position: number;
  who: string;
  at: Date;
}

const toStoredSearch = (row: SearchRow): StoredSearch => ({
  id: row.id,
  collectionId: row.collection_id,
  queryKey: row.query_key,
  itemIds: row.item_ids,
  firstPosition: row.first_position,
  who: row.who,
  at: row.at,
});

export async function readSearches(db: Db, ids: readonly string[]): Promise<StoredSearch[]> {
  const { rows } = await sql<SearchRow>`
    select id, collection_id, query_key, item_ids, first_position, client as who, at
    from searches where id = any(${[...ids]}::uuid[])`.execute(db);
  return rows.map(toStoredSearch);
}

/** The newest showings of one query, after a moment if one is given. */
export async function readShowings(
  db: Db,
  collectionId: number,
  queryKey: string,
  since: Date | null,
  limit: number,
): Promise<StoredSearch[]> {
  const { rows } = await sql<SearchRow>`
    select id, collection_id, query_key, item_ids, first_position, client as who, at
    from searches where collection_id = ${collectionId} and query_key = ${queryKey}
      and (${since}::timestamptz is null or at > ${since}::timestamptz)
    order by at desc, id desc limit ${limit}`.execute(db);
  return rows.map(toStoredSearch);
}

/** Inserts events that are not there yet and returns the ids of the new ones. */
export async function insertEvents(db: Db, events: readonly EventRow[]): Promise<Set<string>> {
  if (events.length === 0) return new Set();
  const rows = events.map((event) => ({
    id: event.id,
    collection_id: event.collectionId,
    search_id: event.searchId,
    item_id: event.itemId,
    type: event.type,
    position: event.position,
    value: event.value,
    user_id: event.userId,
    at: event.at.toISOString(),
    received_at: event.receivedAt.toISOString(),
  }));
  const { rows: inserted } = await sql<{ id: string }>`
    insert into events (id, collection_id, search_id, item_id, type, position, value, user_id, at, received_at)
    select * from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as r (id text, collection_id integer, search_id uuid,
      item_id text, type text, position integer, value double precision, user_id text, at timestamptz, received_at timestamptz)
    on conflict (collection_id, id) do nothing returning id`.execute(db);
  return new Set(inserted.map((row) => row.id));
}

/** Clicked items by search. */
export async function readClicks(db: Db, searchIds: readonly string[]): Promise<Map<string, Set<string>>> {
  const { rows } = await sql<{ search_id: string; item_id: string }>`
    select distinct search_id, item_id from events
    where search_id = any(${[...searchIds]}::uuid[]) and type = 'click'`.execute(db);
  const clicks = new Map<string, Set<string>>();
  for (const row of rows) {
    const items = clicks.get(row.search_id) ?? new Set<string>();
    clicks.set(row.search_id, items.add(row.item_id));
  }
  return clicks;
}
