import { sql } from 'kysely';
import type { Db } from '../../foundation/database/tables.ts';
import type { ErasureReceipt } from './erasure-receipt.ts';

export interface ErasedSearch {
  readonly id: string;
  readonly collection_id: number;
  readonly query_key: string | null;
}

/** The batches that the sessions of these searches were released in. */
export async function batchesOfSearches(
  db: Db,
  searchIds: readonly string[],
): Promise<Array<{ readonly collection_id: number; readonly batch_id: string }>> {
  const { rows } = await sql<{ collection_id: number; batch_id: string }>`
    select distinct s.collection_id, v.batch_id from searches s join sessions v on v.id = s.visit
    where s.id = any(${[...searchIds]}::uuid[]) and v.batch_id is not null`.execute(db);
  return rows;
}

/** Searches of a user, locked in the order of their ids, in which whoever stores events of them takes them too. */
export async function lockSearchesOfUser(transaction: Db, user: string, limit: number): Promise<ErasedSearch[]> {
  const { rows } = await sql<ErasedSearch>`
    select id, collection_id, query_key from searches where user_id = ${user} order by id limit ${limit}
    for update`.execute(transaction);
  return rows;
}

/**
 * Deletes searches and what was done with them, and empties the profiles that this went into: they are computed again
 * from what remains before they are used. Returns how many events went
 * with them, by collection.
 */
export async function deleteSearches(
  db: Db,
  searchIds: readonly string[],
): Promise<Array<{ readonly collection_id: number; readonly events: number }>> {
  const { rows } = await sql<{ collection_id: number; events: number }>`
    with gone as (delete from searches where id = any(${[...searchIds]}::uuid[]) returning collection_id, user_id),
    done as (delete from events where search_id = any(${[...searchIds]}::uuid[]) returning collection_id, user_id),
    concerned as (
      select collection_id, user_id from profiles where (collection_id, user_id) in (
        select collection_id, user_id from gone union select collection_id, user_id from done)
      order by 1, 2 for update),
    emptied as (
      update profiles p set due = true, embedding = null, evidence = 0, items = '[]'
      from concerned c where p.collection_id = c.collection_id and p.user_id = c.user_id)
    select collection_id, count(*)::integer as events from done group by collection_id`.execute(db);
  return rows;
}

/** Deletes profiles of a user; returns how many, by collection. */
export async function deleteProfiles(
  db: Db,
  user: string,
): Promise<Array<{ readonly collection_id: number; readonly count: number }>> {
  const { rows } = await sql<{ collection_id: number; count: number }>`
    with gone as (delete from profiles where user_id = ${user} returning collection_id)
    select collection_id, count(*)::integer as count from gone group by collection_id`.execute(db);
  return rows;
}

export interface ErasedEvent {
  readonly collection_id: number;
  readonly search_id: string;
  readonly query_key: string | null;
}

/** Deletes events that a user sent for searches of others. */
export async function deleteEventsOfUser(db: Db, user: string, limit: number): Promise<ErasedEvent[]> {
  const { rows } = await sql<ErasedEvent>`
    with gone as (
      delete from events where (collection_id, id) in (
        select collection_id, id from events where user_id = ${user} order by collection_id, id limit ${limit})
      returning collection_id, search_id
    )
    select gone.collection_id, gone.search_id, s.query_key from gone left join searches s on s.id = gone.search_id`.execute(
    db,
  );
  return rows;
}

/** Deletes sessions of a client, and its place on the guards' list; returns the batches that they were released in. */
export async function deleteSessions(
  db: Db,
  collectionId: number,
  client: string,
  limit: number,
): Promise<Array<{ readonly batch_id: string | null }>> {
  const { rows } = await sql<{ batch_id: string | null }>`
    with guards as (delete from guard_due where collection_id = ${collectionId} and client = ${client})
    delete from sessions where id in (
      select id from sessions where collection_id = ${collectionId} and client = ${client} limit ${limit})
    returning batch_id`.execute(db);
  return rows;
}

/** Deletes judgments that somebody gave; returns how many, by collection. */
export async function deleteRatings(
  db: Db,
  provenance: string,
): Promise<Array<{ readonly collection_id: number; readonly count: number }>> {
  const { rows } = await sql<{ collection_id: number; count: number }>`
    with gone as (delete from judgments where provenance = ${provenance} returning collection_id)
    select collection_id, count(*)::integer as count from gone group by collection_id`.execute(db);
  return rows;
}

/** Deletes what clicks said of these queries. */
export async function deleteClickJudgments(
  db: Db,
  collectionId: number,
  queryKeys: readonly string[],
): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    with gone as (
      delete from judgments where collection_id = ${collectionId} and query_key = any(${[...queryKeys]}::text[])
        and provenance like 'clicks:%' returning 1)
    select count(*)::integer as count from gone`.execute(db);
  return rows[0]?.count ?? 0;
}

/** Sets in which clicks say something of these queries. */
export async function clickSetsWith(db: Db, collectionId: number, queryKeys: readonly string[]): Promise<string[]> {
  const { rows } = await sql<{ set_name: string }>`
    select distinct set_name from judgments where collection_id = ${collectionId}
      and query_key = any(${[...queryKeys]}::text[]) and provenance like 'clicks:%'`.execute(db);
  return rows.map(({ set_name }) => set_name);
}

export async function writeReceipt(db: Db, receipt: ErasureReceipt): Promise<void> {
  await sql`
    insert into erasures (id, receipt, at) values (${receipt.erasureId}::uuid, ${JSON.stringify(receipt)}::jsonb, ${receipt.at}::timestamptz)
    on conflict (id) do update set receipt = excluded.receipt`.execute(db);
}

/** Newest first; ids are in the order of time. */
export async function readReceipts(db: Db, before: string | null, limit: number): Promise<ErasureReceipt[]> {
  const { rows } = await sql<{ receipt: ErasureReceipt }>`
    select receipt from erasures where ${before}::uuid is null or id < ${before}::uuid
    order by id desc limit ${limit}`.execute(db);
  return rows.map(({ receipt }) => receipt);
}
