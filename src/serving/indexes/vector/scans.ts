import { sql } from 'kysely';
import { itemTableName, type Sql } from '../../collections/item-tables.ts';
import { vectorTableName } from './vector-sql.ts';

/** A range of keys that is looked through at once: by its own HNSW index, or row by row where it has none yet. */
export interface Scan {
  readonly from: number;
  /** Exclusive. */
  readonly to: number;
  readonly indexed: boolean;
  /** The range is the table: one index covers it and no bound has to be checked. */
  readonly whole: boolean;
}

/** Keys are integers. */
export const KEY_END = 2_147_483_647;

export interface IndexFacts {
  /** Together the whole table, ascending. */
  readonly scans: readonly Scan[];
  /** Rough numbers, from the database's statistics. */
  readonly items: number;
  readonly partsPerItem: number;
}

export const wholeIndexName = (indexId: number): string => `${vectorTableName(indexId)}_hnsw`;
export const segmentIndexName = (indexId: number, from: number, to: number): string =>
  `${wholeIndexName(indexId)}_${Number(from)}_${Number(to)}`;

/** The HNSW indexes that exist, as scans: the whole table, or segments of it by key. */
export async function readIndexedScans(db: Sql, indexId: number): Promise<Scan[]> {
  const { rows } = await sql<{ name: string }>`
    select c.relname::text as name from pg_index x join pg_class c on c.oid = x.indexrelid
    where x.indrelid = to_regclass(${vectorTableName(indexId)}) and x.indisvalid
      and c.relam = (select oid from pg_am where amname = 'hnsw')`.execute(db);
  if (rows.some((row) => row.name === wholeIndexName(indexId)))
    return [{ from: 0, to: KEY_END, indexed: true, whole: true }];
  return rows
    .flatMap(({ name }) => {
      const bounds = /_hnsw_(\d+)_(\d+)$/.exec(name);
      return bounds === null ? [] : [{ from: Number(bounds[1]), to: Number(bounds[2]), indexed: true, whole: false }];
    })
    .sort((left, right) => left.from - right.from);
}

/** Fills up the end of the key range, where rows are not indexed yet. */
export function coverAll(indexed: readonly Scan[]): Scan[] {
  const end = indexed.at(-1)?.to ?? 0;
  const rest: Scan = { from: end, to: KEY_END, indexed: false, whole: end === 0 };
  return end >= KEY_END ? [...indexed] : [...indexed, rest];
}

export async function readFacts(db: Sql, indexId: number, collectionId: number): Promise<IndexFacts> {
  const indexed = await readIndexedScans(db, indexId);
  const { rows } = await sql<{ items: number; parts: number }>`
    select
      (select reltuples::float8 from pg_class where oid = to_regclass(${itemTableName(collectionId)})) as items,
      (select reltuples::float8 from pg_class where oid = to_regclass(${vectorTableName(indexId)})) as parts`.execute(
    db,
  );
  const items = Math.max(0, rows[0]?.items ?? 0);
  const parts = Math.max(0, rows[0]?.parts ?? 0);
  return { scans: coverAll(indexed), items, partsPerItem: items === 0 ? 1 : Math.max(1, parts / items) };
}
