import { type RawBuilder, sql } from 'kysely';
import type { Db } from '../../foundation/database/tables.ts';

/** Columns of a part's order, and where its next page begins. */
export type Place = ReadonlyArray<string | number>;

export interface KeptSearch {
  readonly collection: string;
  readonly searchId: string;
  readonly at: string;
  /** As it was typed; null when the query had no words. */
  readonly query: string | null;
  /** The whole request; of pictures and vectors, their size alone. */
  readonly request: object;
  readonly session: string | null;
  readonly release: string;
  readonly hits: ReadonlyArray<{ readonly itemId: string; readonly position: number; readonly score: number }>;
  readonly total: number;
  readonly tookMs: number;
}

export interface KeptEvent {
  readonly collection: string;
  readonly eventId: string;
  readonly searchId: string;
  readonly itemId: string;
  readonly type: string;
  readonly position: number;
  readonly value: number | null;
  readonly at: string;
}

export interface KeptSession {
  readonly collection: string;
  readonly startedAt: string;
  readonly endedAt: string;
  readonly searches: number;
  /** Why it counts for nothing; null when it counts. */
  readonly setAside: readonly object[] | null;
  readonly irrelevant: string | null;
  readonly batch: string | null;
}

export interface KeptRating {
  readonly collection: string;
  readonly set: string;
  readonly query: string;
  readonly itemId: string;
  readonly grade: number;
  readonly weight: number;
  readonly at: string;
}

export interface KeptProfile {
  readonly collection: string;
  readonly evidence: number;
  readonly items: ReadonlyArray<{ readonly itemId: string; readonly weight: number }>;
  readonly vector: readonly number[] | null;
  readonly since: string | null;
  readonly updatedAt: string;
}

interface Row<Kept> {
  readonly place: Place;
  readonly kept: Kept;
}
export type PartReader<Kept> = (db: Db, user: string, after: Place | null, limit: number) => Promise<Array<Row<Kept>>>;

const iso = (moment: RawBuilder<unknown>) =>
  sql`to_char(${moment} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

export const readSearchesOf: PartReader<KeptSearch> = async (db, user, after, limit) => {
  const { rows } = await sql<Row<KeptSearch>>`
    select jsonb_build_array(s.id) as place, jsonb_build_object('collection', c.name, 'searchId', s.id, 'at', ${iso(sql`s.at`)},
      'query', (select string_agg(part ->> 'text', ' ') from jsonb_array_elements(
        case jsonb_typeof(s.request -> 'query') when 'array' then s.request -> 'query' else '[]' end) part),
      'request', s.request, 'session', s.session_id, 'release', s.release_id, 'hits', coalesce((
        select jsonb_agg(jsonb_build_object('itemId', hit.id, 'position', s.first_position + hit.place - 1, 'score', hit.score)
          order by hit.place) from unnest(s.item_ids, s.scores) with ordinality as hit (id, score, place)), '[]'),
      'total', s.total, 'tookMs', s.took_ms) as kept
    from searches s join collections c on c.id = s.collection_id
    where s.user_id = ${user} and (${after?.[0] ?? null}::uuid is null or s.id > ${after?.[0] ?? null}::uuid)
    order by s.id limit ${limit}`.execute(db);
  return rows;
};

/** What the user did, and what was done with the user's searches. */
export const readEventsOf: PartReader<KeptEvent> = async (db, user, after, limit) => {
  const [collectionId = 0, id = ''] = after ?? [];
  const { rows } = await sql<Row<KeptEvent>>`
    select jsonb_build_array(e.collection_id, e.id) as place, jsonb_build_object('collection', c.name, 'eventId', e.id,
      'searchId', e.search_id, 'itemId', e.item_id, 'type', e.type, 'position', e.position, 'value', e.value,
      'at', ${iso(sql`e.at`)}) as kept
    from (
      select * from events where user_id = ${user}
      union
      select done.* from searches s join events done on done.search_id = s.id where s.user_id = ${user}
    ) e join collections c on c.id = e.collection_id
    where (e.collection_id, e.id) > (${collectionId}::integer, ${id}::text)
    order by e.collection_id, e.id limit ${limit}`.execute(db);
  return rows;
};

export const readSessionsOf: PartReader<KeptSession> = async (db, user, after, limit) => {
  const { rows } = await sql<Row<KeptSession>>`
    select jsonb_build_array(v.id) as place, jsonb_build_object('collection', c.name, 'startedAt', ${iso(sql`v.started_at`)},
      'endedAt', ${iso(sql`v.ended_at`)}, 'searches', v.searches, 'setAside', v.set_aside, 'irrelevant', v.irrelevant,
      'batch', v.batch_id) as kept
    from collections c join sessions v on v.collection_id = c.id and v.client = ${`user ${user}`}
    where v.id > ${after?.[0] ?? 0}::bigint order by v.id limit ${limit}`.execute(db);
  return rows;
};

export const readRatingsOf: PartReader<KeptRating> = async (db, user, after, limit) => {
  const [collectionId = 0, set = '', queryKey = '', itemId = ''] = after ?? [];
  const { rows } = await sql<Row<KeptRating>>`
    select jsonb_build_array(j.collection_id, j.set_name, j.query_key, j.item_id) as place,
      jsonb_build_object('collection', c.name, 'set', j.set_name, 'query', j.query, 'itemId', j.item_id, 'grade', j.grade,
        'weight', j.weight, 'at', ${iso(sql`j.at`)}) as kept
    from judgments j join collections c on c.id = j.collection_id
    where j.provenance = ${`rating:${user}`} and (j.collection_id, j.set_name, j.query_key, j.item_id)
      > (${collectionId}::integer, ${set}::text, ${queryKey}::text, ${itemId}::text)
    order by j.collection_id, j.set_name, j.query_key, j.item_id limit ${limit}`.execute(db);
  return rows;
};

export const readProfilesOf: PartReader<KeptProfile> = async (db, user, after, limit) => {
  const { rows } = await sql<Row<KeptProfile>>`
    select jsonb_build_array(p.collection_id) as place, jsonb_build_object('collection', c.name, 'evidence', p.evidence,
      'items', p.items, 'vector', p.embedding::text::jsonb, 'since', ${iso(sql`p.since`)}, 'updatedAt', ${iso(sql`p.updated_at`)}) as kept
    from profiles p join collections c on c.id = p.collection_id
    where p.user_id = ${user} and p.collection_id > ${after?.[0] ?? 0}::integer order by p.collection_id limit ${limit}`.execute(
    db,
  );
  return rows;
};
