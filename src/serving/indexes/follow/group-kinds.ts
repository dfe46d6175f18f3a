import type { Db } from '../../../foundation/database/tables.ts';
import type { Sql } from '../../collections/item-tables.ts';
import type { Collection } from '../../collections/schema.ts';
import type { IndexRow } from '../indexes-queries.ts';
import type { IndexWriter } from '../ports.ts';
import type { VectorRow } from './vector-writer.ts';

/** An index row, as far as its tables are concerned. */
export interface VectorIndexRow {
  readonly id: number;
  readonly output: string;
  readonly dimensions: number;
  readonly storage: 'vector' | 'halfvec';
}

/** Tables of vector indexes. */
export interface VectorTables {
  create(db: Sql, row: VectorIndexRow): Promise<void>;
  drop(db: Sql, indexId: number): Promise<void>;
  replace(db: Sql, row: VectorIndexRow, keys: readonly number[], rows: readonly VectorRow[]): Promise<void>;
  /** Builds the approximate index once there are enough rows. Cheap when there is nothing to do. */
  ensureIndex(db: Db, row: VectorIndexRow, collection: Collection): Promise<void>;
}

/** Tables of lexical indexes. */
export interface LexicalTables {
  create(db: Sql, indexId: number): Promise<void>;
  drop(db: Sql, indexId: number): Promise<void>;
  writer(indexId: number, collection: Pick<Collection, 'fields' | 'language'>): IndexWriter;
}

export function vectorRowOf(row: IndexRow): VectorIndexRow {
  return { id: row.id, output: row.output!, dimensions: row.dimensions!, storage: row.storage! };
}
