import { type RawBuilder, sql } from 'kysely';
import { itemTable, type Sql } from '../../collections/item-tables.ts';
import type { ItemCondition } from '../ports.ts';
import { BLOCK_BITS, POSTING_BYTES, type PostingRow } from './postings.ts';

const postingsTable = (indexId: number): RawBuilder<unknown> => sql.table(`postings_${Number(indexId)}`);
const blocksTable = (indexId: number): RawBuilder<unknown> => sql.table(`blocks_${Number(indexId)}`);
const documentsTable = (indexId: number): RawBuilder<unknown> => sql.table(`documents_${Number(indexId)}`);

/**
 * Postings by term and block of keys; by block the version of its last change, so that readers fetch again only what
 * changed; and by item the terms under which it stands, to find them when it changes.
 */
export async function createLexicalTables(db: Sql, indexId: number): Promise<void> {
  await sql`create table ${postingsTable(indexId)} (
    term text collate "C" not null, block integer not null, postings bytea not null, primary key (term, block)
  )`.execute(db);
  await sql`create table ${blocksTable(indexId)} (block integer primary key, version bigint not null)`.execute(db);
  await sql`create index on ${blocksTable(indexId)} (version)`.execute(db);
  await sql`create table ${documentsTable(indexId)} (
    key integer primary key, length double precision not null, terms text not null
  )`.execute(db);
}

export async function dropLexicalTables(db: Sql, indexId: number): Promise<void> {
  for (const table of [postingsTable(indexId), blocksTable(indexId), documentsTable(indexId)]) {
    await sql`drop table if exists ${table}`.execute(db);
  }
}

export interface DocumentRow {
  readonly key: number;
  readonly length: number;
  /** Distinct terms with a blank between. */
  readonly terms: string;
}

/** Items that are not in the index are passed over. */
export async function deleteDocuments(db: Sql, indexId: number, keys: readonly number[]): Promise<DocumentRow[]> {
  const { rows } = await sql<DocumentRow>`
    delete from ${documentsTable(indexId)} where key = any(${[...keys]}::integer[]) returning key, length, terms`.execute(
    db,
  );
  return rows;
}

export async function insertDocuments(db: Sql, indexId: number, rows: readonly DocumentRow[]): Promise<void> {
  await sql`
    insert into ${documentsTable(indexId)} (key, length, terms)
    select * from unnest(${rows.map((row) => row.key)}::integer[], ${rows.map((row) => row.length)}::double precision[],
      ${rows.map((row) => row.terms)}::text[])`.execute(db);
}

type PostingPlace = Pick<PostingRow, 'term' | 'block'>;

const places = (rows: readonly PostingPlace[]): RawBuilder<unknown> =>
  sql`unnest(${rows.map((row) => row.term)}::text[], ${rows.map((row) => row.block)}::integer[]) as r (term, block)`;

export async function readPostings(db: Sql, indexId: number, rows: readonly PostingPlace[]): Promise<PostingRow[]> {
  const found = await sql<PostingRow>`
    select p.term, p.block, p.postings from ${places(rows)}
    join ${postingsTable(indexId)} p on p.term = r.term collate "C" and p.block = r.block`.execute(db);
  return found.rows;
}

export async function deletePostings(db: Sql, indexId: number, rows: readonly PostingPlace[]): Promise<void> {
  await sql`
    delete from ${postingsTable(indexId)} p using ${places(rows)}
    where p.term = r.term collate "C" and p.block = r.block`.execute(db);
}

/** Adds to what a term has in a block, or puts other postings in its place. */
export async function writePostings(
  db: Sql,
  indexId: number,
  rows: readonly PostingRow[],
  mode: 'append' | 'replace',
): Promise<void> {
  // All postings go as one binary parameter that is cut up there: as text they would be twice as long.
  const sizes = rows.map((row) => row.postings.length);
  const starts: number[] = [];
  let total = 0;
  for (const size of sizes) {
    starts.push(total + 1);
    total += size;
  }
  const all = new Uint8Array(total);
  for (const [index, { postings }] of rows.entries()) all.set(postings, starts[index]! - 1);
  const merged = mode === 'append' ? sql`p.postings || excluded.postings` : sql`excluded.postings`;
  await sql`
    insert into ${postingsTable(indexId)} as p (term, block, postings)
    select r.term, r.block, substr(${all}::bytea, r.start, r.size) from unnest(${rows.map((row) => row.term)}::text[],
      ${rows.map((row) => row.block)}::integer[], ${starts}::integer[], ${sizes}::integer[]) as r (term, block, start, size)
    on conflict (term, block) do update set postings = ${merged}`.execute(db);
}

/** What a batch did to the index as a whole. */
export interface StatisticsChange {
  readonly items: number;
  readonly length: number;
  /** Blocks whose postings changed. */
  readonly blocks: readonly number[];
}

/** Number of items and sum of their lengths; the version counts the batches. The row is locked by the follower already. */
export async function changeStatistics(db: Sql, indexId: number, change: StatisticsChange): Promise<void> {
  await sql`
    with changed as (
      update indexes set statistics = statistics || jsonb_build_object(
        'items', coalesce((statistics->>'items')::double precision, 0) + ${change.items}::double precision,
        'length', coalesce((statistics->>'length')::double precision, 0) + ${change.length}::double precision,
        'version', coalesce((statistics->>'version')::bigint, 0) + 1)
      where id = ${indexId} returning (statistics->>'version')::bigint as version
    )
    insert into ${blocksTable(indexId)} (block, version)
    select b.block, changed.version from unnest(${[...change.blocks]}::integer[]) as b (block), changed
    on conflict (block) do update set version = excluded.version`.execute(db);
}

export interface Statistics {
  readonly items: number;
  readonly length: number;
  readonly version: number;
}

export interface TermRow {
  readonly term: string;
  /** For each block: its number and the size of its postings (4 bytes each, big-endian), then the postings. */
  readonly blocks: Uint8Array;
}

export interface TermsRead {
  readonly statistics: Statistics;
  readonly rows: readonly TermRow[];
  /** Blocks that changed after the version; the rows of the terms that are held have these blocks alone. */
  readonly changedBlocks: readonly number[];
}

/**
 * Statistics, all postings of the terms that the reader misses, and what has changed in those that it holds of a
 * version: in one statement and thus of one moment.
 */
export async function readTerms(
  db: Sql,
  indexId: number,
  missing: readonly string[],
  held: { readonly terms: readonly string[]; readonly version: number },
): Promise<TermsRead> {
  const packed = sql`string_agg(int4send(p.block) || int4send(octet_length(p.postings)) || p.postings, ''::bytea)`;
  const postings = postingsTable(indexId);
  const { rows } = await sql<{
    statistics: Partial<Statistics>;
    changed: number[] | null;
    term: string | null;
    blocks: Uint8Array | null;
  }>`
    with changed as materialized (select block from ${blocksTable(indexId)} where version > ${held.version}::bigint)
    select x.statistics, (select array_agg(block) from changed) as changed, t.term, t.blocks
    from indexes x left join (
      select p.term, ${packed} as blocks from ${postings} p where p.term = any(${[...missing]}::text[]) group by p.term
      union all
      select p.term, ${packed} as blocks from changed c, unnest(${[...held.terms]}::text[]) as h (term), ${postings} p
      where p.term = h.term collate "C" and p.block = c.block group by p.term
    ) t on true where x.id = ${indexId}`.execute(db);
  const { items = 0, length = 0, version = 0 } = rows[0]?.statistics ?? {};
  return {
    statistics: { items, length, version },
    changedBlocks: rows[0]?.changed ?? [],
    rows: rows.flatMap(({ term, blocks }) => (term === null || blocks === null ? [] : [{ term, blocks }])),
  };
}

/** How many items have each of the terms; unknown terms are absent. */
export async function countItemsByTerm(
  db: Sql,
  indexId: number,
  terms: readonly string[],
): Promise<Map<string, number>> {
  const { rows } = await sql<{ term: string; items: number }>`
    select term, (sum(octet_length(postings)) / ${POSTING_BYTES}::integer)::integer as items
    from ${postingsTable(indexId)} where term = any(${[...terms]}::text[]) group by term`.execute(db);
  return new Map(rows.map((row) => [row.term, row.items]));
}

/** Those of the keys whose items are there and pass the filter. */
export async function passingOf(
  db: Sql,
  collectionId: number,
  keys: readonly number[],
  condition: ItemCondition,
): Promise<Set<number>> {
  const { rows } = await sql<{ key: number }>`
    select i.key from ${itemTable(collectionId)} i
    where i.key = any(${[...keys]}::integer[]) and not i.deleted and ${condition ?? sql`true`}`.execute(db);
  return new Set(rows.map((row) => row.key));
}

/** Keys of all items that pass the filter, 4 bytes each, big-endian: a hundred thousand rows would cost ten times as much. */
export async function allPassing(db: Sql, collectionId: number, condition: ItemCondition): Promise<Set<number>> {
  const { rows } = await sql<{ keys: Uint8Array | null }>`
    select string_agg(int4send(i.key), ''::bytea) as keys from ${itemTable(collectionId)} i
    where not i.deleted and ${condition ?? sql`true`}`.execute(db);
  const bytes = rows[0]?.keys ?? new Uint8Array();
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const keys = new Set<number>();
  for (let at = 0; at < bytes.byteLength; at += 4) keys.add(view.getInt32(at));
  return keys;
}

/** Items that have at least one of the terms, as a condition over `i`. */
export const hasAnyTerm = (indexId: number, terms: readonly string[]): RawBuilder<boolean> => sql<boolean>`(i.key in (
    select (p.block << ${BLOCK_BITS}::integer) + get_byte(p.postings, s.start) from ${postingsTable(indexId)} p,
      generate_series(0, octet_length(p.postings) - 1, ${POSTING_BYTES}::integer) as s (start)
    where p.term = any(${[...terms]}::text[])))`;
