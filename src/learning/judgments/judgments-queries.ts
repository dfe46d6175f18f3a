import { sql } from 'kysely';
import { StudioError } from '../../foundation/core/errors.ts';
import type { Db } from '../../foundation/database/tables.ts';
import { itemTable } from '../../serving/collections/item-tables.ts';
import type { StoredJudgment } from './judgment.ts';

/** Keeps the collection from being deleted until the transaction ends. */
export async function holdCollection(transaction: Db, collectionId: number): Promise<void> {
  const { rows } = await sql`select 1 from collections where id = ${collectionId} for key share`.execute(transaction);
  if (rows.length === 0) throw new StudioError('collection_not_found', 'The collection has been deleted.');
}

/** Writers that replace a whole set take turns. Held until the transaction ends. */
export async function lockSet(transaction: Db, collectionId: number, set: string): Promise<void> {
  const key = `judgments ${set}`;
  await sql`select pg_advisory_xact_lock(${collectionId}::integer, hashtext(${key}))`.execute(transaction);
}

export type JudgmentRow = Omit<StoredJudgment, 'set' | 'at' | 'provenance'>;

export interface JudgmentWrite {
  readonly collectionId: number;
  readonly set: string;
  readonly provenance: string;
  readonly at: Date;
  /** Of distinct pairs. */
  readonly rows: readonly JudgmentRow[];
}

export async function upsertJudgments(
  db: Db,
  { collectionId, set, provenance, at, rows }: JudgmentWrite,
): Promise<void> {
  const values = rows.map(({ queryKey, query, itemId, grade, weight, deviation, support }) => ({
    query_key: queryKey,
    query,
    item_id: itemId,
    grade,
    weight,
    deviation,
    support,
  }));
  // In the order of the key: two writers of the same pairs wait for one another instead of locking each other out.
  await sql`
    insert into judgments (collection_id, set_name, query_key, query, item_id, grade, weight, deviation, support, provenance, at)
    select ${collectionId}::integer, ${set}::text, r.query_key, r.query, r.item_id, r.grade, r.weight, r.deviation, r.support,
      ${provenance}::text, ${at}::timestamptz
    from jsonb_to_recordset(${JSON.stringify(values)}::jsonb) as r (query_key text, query text, item_id text,
      grade double precision, weight double precision, deviation double precision, support double precision)
    order by r.query_key, r.item_id
    on conflict (collection_id, set_name, query_key, item_id) do update set query = excluded.query, grade = excluded.grade,
      weight = excluded.weight, deviation = excluded.deviation, support = excluded.support, provenance = excluded.provenance,
      at = excluded.at`.execute(db);
}

/** How many of the ids, repetitions counted, name no live item of the collection. */
export async function countUnknownItems(db: Db, collectionId: number, itemIds: readonly string[]): Promise<number> {
  const { rows } = await sql<{ unknown: number }>`
    select count(*)::integer as unknown from jsonb_array_elements_text(${JSON.stringify(itemIds)}::jsonb) as given (id)
    where not exists (select from ${itemTable(collectionId)} i where i.id = given.id and not i.deleted)`.execute(db);
  return rows[0]?.unknown ?? 0;
}

interface Row {
  set_name: string;
  query_key: string;
  query: string;
  item_id: string;
  grade: number;
  weight: number;
  deviation: number | null;
  support: number | null;
  provenance: string;
  at: Date;
}

const toJudgment = (row: Row): StoredJudgment => ({
  set: row.set_name,
  queryKey: row.query_key,
  query: row.query,
  itemId: row.item_id,
  grade: row.grade,
  weight: row.weight,
  deviation: row.deviation,
  support: row.support,
  provenance: row.provenance,
  at: row.at,
});

/** Where a page begins: after this judgment. */
export type JudgmentPlace = readonly [set: string, queryKey: string, itemId: string];

export interface JudgmentPage {
  readonly set?: string | undefined;
  readonly queryKey?: string | undefined;
  readonly after?: JudgmentPlace | undefined;
  readonly limit: number;
}

export async function readJudgments(db: Db, collectionId: number, page: JudgmentPage): Promise<StoredJudgment[]> {
  const { set, queryKey, after, limit } = page;
  const { rows } = await sql<Row>`
    select set_name, query_key, query, item_id, grade, weight, deviation, support, provenance, at
    from judgments where collection_id = ${collectionId}
      ${set === undefined ? sql`` : sql`and set_name = ${set}`}
      ${queryKey === undefined ? sql`` : sql`and query_key = ${queryKey}`}
      ${after === undefined ? sql`` : sql`and (set_name, query_key, item_id) > (${after[0]}, ${after[1]}, ${after[2]})`}
    order by set_name, query_key, item_id limit ${limit}`.execute(db);
  return rows.map(toJudgment);
}

export interface JudgmentSet {
  readonly set: string;
  readonly judgments: number;
  readonly queries: number;
  /** Where its judgments come from: `rating`, `import`, `clicks`. */
  readonly provenance: readonly string[];
  readonly updatedAt: Date;
}

export async function readSets(db: Db, collectionId: number, after: string, limit: number): Promise<JudgmentSet[]> {
  const { rows } = await sql<{
    set_name: string;
    judgments: number;
    queries: number;
    provenance: string[];
    updated_at: Date;
  }>`
    select set_name, count(*)::integer as judgments, count(distinct query_key)::integer as queries,
      array_agg(distinct split_part(provenance, ':', 1)) as provenance, max(at) as updated_at
    from judgments where collection_id = ${collectionId} and set_name > ${after}
    group by set_name order by set_name limit ${limit}`.execute(db);
  return rows.map(({ set_name, updated_at, ...row }) => ({ ...row, set: set_name, updatedAt: updated_at }));
}

export async function setExists(db: Db, collectionId: number, set: string): Promise<boolean> {
  const { rows } = await sql`
    select 1 from judgments where collection_id = ${collectionId} and set_name = ${set} limit 1`.execute(db);
  return rows.length > 0;
}

/** Of one query, or all. */
export async function deleteJudgments(
  db: Db,
  collectionId: number,
  set: string,
  queryKey: string | null = null,
): Promise<number> {
  const { rows } = await sql<{ deleted: number }>`
    with gone as (delete from judgments where collection_id = ${collectionId} and set_name = ${set}
      and (${queryKey}::text is null or query_key = ${queryKey}::text) returning 1)
    select count(*)::integer as deleted from gone`.execute(db);
  return rows[0]?.deleted ?? 0;
}

/** Judgments of any of the sets in the order of query and item, after a pair. */
export async function readByPair(
  db: Db,
  collectionId: number,
  sets: readonly string[],
  after: readonly [queryKey: string, itemId: string] | null,
  limit: number,
): Promise<StoredJudgment[]> {
  // Set by set, so that each is read in the order of the key and no further than needed, whatever the planner knows.
  const { rows } = await sql<Row>`
    select page.* from unnest(${[...sets]}::text[]) wanted (name) cross join lateral (
      select set_name, query_key, query, item_id, grade, weight, deviation, support, provenance, at
      from judgments where collection_id = ${collectionId} and set_name = wanted.name
        ${after === null ? sql`` : sql`and (query_key, item_id) > (${after[0]}, ${after[1]})`}
      order by query_key, item_id limit ${limit}
    ) page order by query_key, item_id limit ${limit}`.execute(db);
  return rows.map(toJudgment);
}
