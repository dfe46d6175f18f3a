import { sql } from 'kysely';
import type { Db } from '../../../foundation/database/tables.ts';
import type { LooseSearch, OpenSession, SearchGroup } from './group-searches.ts';

/** Held until the transaction ends: one process at a time sorts a collection's searches into sessions. */
export async function lockSessions(transaction: Db, collectionId: number): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtext('sessions'), ${collectionId}::integer)`.execute(transaction);
}

export async function hasLooseSearches(db: Db, collectionId: number): Promise<boolean> {
  const { rows } = await sql<{ there: boolean }>`
    select exists (select from searches where collection_id = ${collectionId} and visit is null) as there`.execute(db);
  return rows[0]?.there === true;
}

/** The oldest searches without a session. */
export async function readLooseSearches(db: Db, collectionId: number, limit: number): Promise<LooseSearch[]> {
  return await db
    .selectFrom('searches')
    .select(['id', 'client', 'at'])
    .where('collection_id', '=', collectionId)
    .where('visit', 'is', null)
    .orderBy('at')
    .orderBy('id')
    .limit(limit)
    .execute();
}

/** Sessions of these clients that begin or end within a gap of the time; released ones take nothing more. */
export async function readOpenSessions(
  db: Db,
  collectionId: number,
  clients: readonly string[],
  time: { readonly from: Date; readonly to: Date },
): Promise<OpenSession[]> {
  const { rows } = await sql<{ id: number; client: string; started_at: Date; ended_at: Date }>`
    select id, client, started_at, ended_at from sessions
    where collection_id = ${collectionId} and client = any(${[...clients]}::text[]) and batch_id is null
      and ended_at >= ${time.from} and started_at <= ${time.to}
    order by started_at, id`.execute(db);
  return rows.map((row) => ({
    id: Number(row.id),
    client: row.client,
    startedAt: row.started_at,
    endedAt: row.ended_at,
  }));
}

/** Makes the new sessions, stretches the old ones, and gives each search its session: one statement. */
export async function writeGroups(db: Db, collectionId: number, groups: readonly SearchGroup[]): Promise<void> {
  const rows = groups.map((group, number) => ({
    number,
    session_id: group.sessionId,
    client: group.client,
    started_at: group.startedAt.toISOString(),
    ended_at: group.endedAt.toISOString(),
    search_ids: group.searchIds,
  }));
  await sql`
    with given as materialized (
      select * from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as g (number integer, session_id bigint, client text,
        started_at timestamptz, ended_at timestamptz, search_ids jsonb)
    ), made as (
      insert into sessions (collection_id, client, started_at, ended_at, searches)
      select ${collectionId}::integer, client, started_at, ended_at, jsonb_array_length(search_ids) from given where session_id is null
      returning id, client, started_at
    ), stretched as (
      update sessions s set started_at = g.started_at, ended_at = g.ended_at,
        searches = s.searches + jsonb_array_length(g.search_ids)
      from given g where s.id = g.session_id
    )
    update searches s set visit = coalesce(g.session_id, m.id)
    from given g left join made m on g.session_id is null and m.client = g.client and m.started_at = g.started_at,
      jsonb_array_elements_text(g.search_ids) as member (search_id)
    where s.id = member.search_id::uuid`.execute(db);
}
