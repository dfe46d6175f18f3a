import { sql } from 'kysely';
import type { Db } from '../../foundation/database/tables.ts';
import { itemTable } from '../collections/item-tables.ts';
import type { ItemCondition } from '../indexes/ports.ts';
import { behind, orderBy, placeOf, type SortKey } from './sort.ts';

/** Keys of live items by id, where they pass the filter. */
export async function keysOfItems(
  db: Db,
  collectionId: number,
  ids: readonly string[],
  condition: ItemCondition,
): Promise<Map<string, number>> {
  if (ids.length === 0) return new Map();
  const { rows } = await sql<{ id: string; key: number }>`
    select i.id, i.key from ${itemTable(collectionId)} i
    where i.id = any(${[...ids]}::text[]) and not i.deleted ${condition === undefined ? sql`` : sql`and ${condition}`}`.execute(
    db,
  );
  return new Map(rows.map((row) => [row.id, row.key]));
}

export interface PageRow {
  readonly key: number;
  readonly id: string;
  readonly payload: Readonly<Record<string, unknown>>;
}

/** Id and payload of the items of a page. */
export async function readPage(db: Db, collectionId: number, keys: readonly number[]): Promise<Map<number, PageRow>> {
  if (keys.length === 0) return new Map();
  const { rows } = await sql<PageRow>`
    select i.key, i.id, i.payload from ${itemTable(collectionId)} i
    where i.key = any(${[...keys]}::integer[]) and not i.deleted`.execute(db);
  return new Map(rows.map((row) => [row.key, row]));
}

/** Ranked items in the order of a sort: their scores come along as `p.score`. */
export async function orderKeys(
  db: Db,
  collectionId: number,
  ranked: ReadonlyArray<{ readonly key: number; readonly score: number }>,
  sort: readonly SortKey[],
): Promise<number[]> {
  const { rows } = await sql<{ key: number }>`
    select i.key from unnest(${ranked.map((entry) => entry.key)}::integer[],
      ${ranked.map((entry) => entry.score)}::double precision[]) as p (key, score)
    join ${itemTable(collectionId)} i on i.key = p.key where not i.deleted order by ${orderBy(sort)}`.execute(db);
  return rows.map((row) => row.key);
}

export interface BrowsedRow extends PageRow {
  /** The row's place in the order, for the cursor. */
  readonly place: readonly unknown[];
}

export async function browseItems(
  db: Db,
  collectionId: number,
  condition: ItemCondition,
  sort: readonly SortKey[],
  from: { readonly skipped: number } | { readonly after: readonly unknown[] },
  limit: number,
): Promise<BrowsedRow[]> {
  const beyond = 'after' in from ? sql`and ${behind(sort, from.after)}` : sql``;
  const { rows } = await sql<BrowsedRow>`
    select i.key, i.id, i.payload, ${placeOf(sort)} as place from ${itemTable(collectionId)} i
    where not i.deleted and ${condition ?? sql`true`} ${beyond}
    order by ${orderBy(sort)} limit ${limit} offset ${'skipped' in from ? from.skipped : 0}`.execute(db);
  return rows;
}

/** At most `bound` + 1. */
export async function countAtMost(
  db: Db,
  collectionId: number,
  condition: ItemCondition,
  bound: number,
): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*)::integer as count from (
      select from ${itemTable(collectionId)} i where not i.deleted and ${condition ?? sql`true`} limit ${bound + 1}
    ) few`.execute(db);
  return rows[0]?.count ?? 0;
}
