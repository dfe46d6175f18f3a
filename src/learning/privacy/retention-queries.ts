import { sql } from 'kysely';
import type { Db } from '../../foundation/database/tables.ts';

/** True when no other process deletes what is old at this moment; held until the transaction ends. */
export async function tryLockRetention(transaction: Db): Promise<boolean> {
  const { rows } = await sql<{ locked: boolean }>`
    select pg_try_advisory_xact_lock(hashtext('retention'), 0) as locked`.execute(transaction);
  return rows[0]?.locked === true;
}

export interface ExpiredSearch {
  readonly id: string;
  readonly query_key: string | null;
}

/** Searches older than a moment, locked in the order of their ids. */
export async function lockExpiredSearches(
  transaction: Db,
  collectionId: number,
  before: Date,
  limit: number,
): Promise<ExpiredSearch[]> {
  const { rows } = await sql<ExpiredSearch>`
    select id, query_key from searches where id in (
      select id from searches where collection_id = ${collectionId} and at < ${before} order by at limit ${limit})
    order by id for update`.execute(transaction);
  return rows;
}

/** Events older than a moment whose search is gone; an event is not older than its search. */
export async function deleteExpiredEvents(db: Db, collectionId: number, before: Date, limit: number): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    with gone as (
      delete from events where (collection_id, id) in (
        select collection_id, id from events e where collection_id = ${collectionId} and at < ${before}
          and not exists (select from searches s where s.id = e.search_id) limit ${limit})
      returning 1)
    select count(*)::integer as count from gone`.execute(db);
  return rows[0]?.count ?? 0;
}

/** Sessions that ended before a moment and have no search any more. */
export async function deleteExpiredSessions(
  db: Db,
  collectionId: number,
  before: Date,
  limit: number,
): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    with gone as (
      delete from sessions where id in (
        select id from sessions v where collection_id = ${collectionId} and ended_at < ${before}
          and not exists (select from searches s where s.visit = v.id) limit ${limit})
      returning 1)
    select count(*)::integer as count from gone`.execute(db);
  return rows[0]?.count ?? 0;
}

/** Batches that were released before a moment and have no session any more. */
export async function deleteExpiredBatches(db: Db, collectionId: number, before: Date): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    with gone as (
      delete from feedback_batches b where collection_id = ${collectionId} and released_at < ${before}
        and not exists (select from sessions v where v.batch_id = b.id) returning 1)
    select count(*)::integer as count from gone`.execute(db);
  return rows[0]?.count ?? 0;
}

/**
 * Deletes profiles of users that have done nothing since a moment. One that is due has something to be computed from, and
 * is older than that alone when nobody asked for it.
 */
export async function deleteExpiredProfiles(
  db: Db,
  collectionId: number,
  before: Date,
  limit: number,
): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    with gone as (
      delete from profiles where (collection_id, user_id) in (
        select collection_id, user_id from profiles p where collection_id = ${collectionId} and updated_at < ${before}
          and not exists (select from events e where e.user_id = p.user_id and e.collection_id = p.collection_id)
          and not exists (select from searches s where s.user_id = p.user_id and s.collection_id = p.collection_id)
        order by user_id limit ${limit} for update)
      returning 1)
    select count(*)::integer as count from gone`.execute(db);
  return rows[0]?.count ?? 0;
}
