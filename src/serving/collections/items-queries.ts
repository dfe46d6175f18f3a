import { type RawBuilder, sql } from 'kysely';
import type { ItemCondition } from '../indexes/ports.ts';
import type { ItemColumn } from './columns.ts';
import { itemTable, physicalColumns, type Sql } from './item-tables.ts';
import type { Item, Payload } from './schema.ts';

/** What an upsert must know of a stored item. */
export interface StoredItem {
  readonly id: string;
  readonly version: number | null;
  readonly deleted: boolean;
  readonly payload_hash: string;
  readonly embed_hash: string | null;
  readonly embed_sequence: number;
  readonly lexical_hash: string | null;
  readonly lexical_sequence: number;
}

/** A row to write. Column values lie beside the fixed ones, by physical name. */
export interface ItemRow {
  readonly id: string;
  readonly sequence: number;
  readonly embed_hash: string;
  readonly embed_sequence: number;
  readonly lexical_hash: string;
  readonly lexical_sequence: number;
  readonly payload_hash: string;
  readonly version: number | null;
  readonly payload: Payload;
  readonly [column: string]: unknown;
}

const FIXED = [
  { name: 'id', type: 'text' },
  { name: 'sequence', type: 'bigint' },
  { name: 'embed_hash', type: 'text' },
  { name: 'embed_sequence', type: 'bigint' },
  { name: 'lexical_hash', type: 'text' },
  { name: 'lexical_sequence', type: 'bigint' },
  { name: 'payload_hash', type: 'text' },
  { name: 'version', type: 'bigint' },
  { name: 'payload', type: 'jsonb' },
] as const;

type Columns = ReadonlyArray<{ readonly name: string; readonly type: string }>;
const rowColumns = (columns: readonly ItemColumn[]): Columns => [...FIXED, ...columns.flatMap(physicalColumns)];
const names = (columns: Columns): RawBuilder<unknown> => sql.join(columns.map(({ name }) => sql.ref(name)));
/** All rows travel as one JSON parameter: hundreds of rows cost one parse instead of thousands of parameters. */
const recordset = (rows: readonly object[], columns: Columns): RawBuilder<unknown> =>
  sql`jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as r(${sql.join(columns.map(({ name, type }) => sql`${sql.ref(name)} ${sql.raw(type)}`))})`;

export async function findStored(db: Sql, collectionId: number, ids: readonly string[]): Promise<StoredItem[]> {
  const result = await sql<StoredItem>`
    select id, version, deleted, payload_hash, embed_hash, embed_sequence, lexical_hash, lexical_sequence
    from ${itemTable(collectionId)} where id = any(${ids}::text[])`.execute(db);
  return result.rows;
}

export async function insertItems(
  db: Sql,
  collectionId: number,
  columns: readonly ItemColumn[],
  rows: readonly ItemRow[],
  now: Date,
): Promise<void> {
  if (rows.length === 0) return;
  const all = rowColumns(columns);
  await sql`insert into ${itemTable(collectionId)} (${names(all)}, created_at, updated_at)
    select ${names(all)}, ${now}::timestamptz, ${now}::timestamptz from ${recordset(rows, all)}`.execute(db);
}

// Not `insert ... on conflict`: each conflict would use up a number of the integer key.
export async function updateItems(
  db: Sql,
  collectionId: number,
  columns: readonly ItemColumn[],
  rows: readonly ItemRow[],
  now: Date,
): Promise<void> {
  if (rows.length === 0) return;
  const all = rowColumns(columns);
  const assignments = all
    .filter(({ name }) => name !== 'id')
    .map(({ name }) => sql`${sql.ref(name)} = ${sql.ref(`r.${name}`)}`);
  await sql`update ${itemTable(collectionId)} as i set ${sql.join(assignments)}, deleted = false, updated_at = ${now}::timestamptz,
      created_at = case when i.deleted then ${now}::timestamptz else i.created_at end
    from ${recordset(rows, all)} where i.id = r.id`.execute(db);
}

/** Newer versions of items whose content is the same: nothing that an index reads changes. */
export async function updateVersions(
  db: Sql,
  collectionId: number,
  rows: ReadonlyArray<{ readonly id: string; readonly version: number }>,
): Promise<void> {
  if (rows.length === 0) return;
  const columns = [
    { name: 'id', type: 'text' },
    { name: 'version', type: 'bigint' },
  ];
  await sql`update ${itemTable(collectionId)} as i set version = r.version from ${recordset(rows, columns)} where i.id = r.id`.execute(
    db,
  );
}

/** Turns live items into tombstones with the next sequences; returns how many. */
export async function markDeleted(
  db: Sql,
  collectionId: number,
  keys: readonly number[],
  columns: readonly ItemColumn[],
  base: number,
  now: Date,
): Promise<void> {
  if (keys.length === 0) return;
  const cleared = columns.flatMap(physicalColumns).map(({ name }) => sql`, ${sql.ref(name)} = null`);
  await sql`update ${itemTable(collectionId)} as i
    set sequence = ${base}::bigint + k.place, embed_sequence = ${base}::bigint + k.place, lexical_sequence = ${base}::bigint + k.place,
      embed_hash = null, lexical_hash = null, payload_hash = '', version = null, deleted = true, payload = '{}'::jsonb,
      updated_at = ${now}::timestamptz ${sql.join(cleared, sql``)}
    from unnest(${keys}::integer[]) with ordinality as k(key, place) where i.key = k.key`.execute(db);
}

export async function keysOfIds(db: Sql, collectionId: number, ids: readonly string[]): Promise<number[]> {
  const result = await sql<{ key: number }>`
    select key from ${itemTable(collectionId)} where id = any(${ids}::text[]) and not deleted order by key`.execute(db);
  return result.rows.map((row) => row.key);
}

/** Keys of matching live items after a key, in order. */
export async function keysOfCondition(
  db: Sql,
  collectionId: number,
  condition: ItemCondition,
  after: number,
  limit: number,
): Promise<number[]> {
  const result = await sql<{ key: number }>`
    select i.key from ${itemTable(collectionId)} as i
    where i.key > ${after} and not i.deleted ${andCondition(condition)} order by i.key limit ${limit}`.execute(db);
  return result.rows.map((row) => row.key);
}

interface ReadRow {
  readonly key: number;
  readonly id: string;
  readonly payload: Payload;
  readonly version: number | null;
  readonly sequence: number;
  readonly updated_at: Date;
}

const toItem = (row: ReadRow): Item & { readonly key: number } => ({
  key: row.key,
  id: row.id,
  payload: row.payload,
  version: row.version,
  sequence: row.sequence,
  updatedAt: row.updated_at,
});

export async function findItems(
  db: Sql,
  collectionId: number,
  ids: readonly string[],
): Promise<Array<Item & { readonly key: number }>> {
  const result = await sql<ReadRow>`
    select key, id, payload, version, sequence, updated_at from ${itemTable(collectionId)}
    where id = any(${ids}::text[]) and not deleted`.execute(db);
  return result.rows.map(toItem);
}

export async function scanRows(
  db: Sql,
  collectionId: number,
  condition: ItemCondition,
  after: number,
  limit: number,
): Promise<Array<Item & { readonly key: number }>> {
  const result = await sql<ReadRow>`
    select i.key, i.id, i.payload, i.version, i.sequence, i.updated_at from ${itemTable(collectionId)} as i
    where i.key > ${after} and not i.deleted ${andCondition(condition)} order by i.key limit ${limit}`.execute(db);
  return result.rows.map(toItem);
}

export async function countRows(db: Sql, collectionId: number, condition: ItemCondition): Promise<number> {
  const result = await sql<{ count: number }>`
    select count(*)::integer as count from ${itemTable(collectionId)} as i where not i.deleted ${andCondition(condition)}`.execute(
    db,
  );
  return result.rows[0]?.count ?? 0;
}

const andCondition = (condition: ItemCondition): RawBuilder<unknown> =>
  condition === undefined ? sql`` : sql`and (${condition})`;

/** Writes typed columns again, for a schema that gained some. */
export async function refillColumns(
  db: Sql,
  collectionId: number,
  columns: readonly ItemColumn[],
  rows: readonly object[],
): Promise<void> {
  const all = [{ name: 'key', type: 'integer' }, ...columns.flatMap(physicalColumns)];
  const assignments = columns
    .flatMap(physicalColumns)
    .map(({ name }) => sql`${sql.ref(name)} = ${sql.ref(`r.${name}`)}`);
  await sql`update ${itemTable(collectionId)} as i set ${sql.join(assignments)} from ${recordset(rows, all)} where i.key = r.key`.execute(
    db,
  );
}

/** Gives every live item a new sequence, so that followers read it again; returns how many there are. */
export async function bumpSequences(
  db: Sql,
  collectionId: number,
  base: number,
  what: { readonly embed: boolean; readonly lexical: boolean },
): Promise<number> {
  const embed = what.embed ? sql`, embed_hash = null, embed_sequence = ${base}::bigint + n.place` : sql``;
  const lexical = what.lexical ? sql`, lexical_hash = null, lexical_sequence = ${base}::bigint + n.place` : sql``;
  const result = await sql<{ count: number }>`
    with numbered as (select key, row_number() over (order by sequence) as place from ${itemTable(collectionId)} where not deleted),
    bumped as (
      update ${itemTable(collectionId)} as i set sequence = ${base}::bigint + n.place ${embed} ${lexical}
      from numbered as n where n.key = i.key returning 1)
    select count(*)::integer as count from bumped`.execute(db);
  return result.rows[0]?.count ?? 0;
}
