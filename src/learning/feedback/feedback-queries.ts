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
  readonly at: Date;
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
  at: Date;
}

const toStoredSearch = (row: SearchRow): StoredSearch => ({
  id: row.id,
  collectionId: row.collection_id,
  queryKey: row.query_key,
  itemIds: row.item_ids,
  firstPosition: row.first_position,
  at: row.at,
});

export async function readSearches(db: Db, ids: readonly string[]): Promise<StoredSearch[]> {
  const { rows } = await sql<SearchRow>`
    select id, collection_id, query_key, item_ids, first_position, at
    from searches where id = any(${[...ids]}::uuid[])`.execute(db);
  return rows.map(toStoredSearch);
}
