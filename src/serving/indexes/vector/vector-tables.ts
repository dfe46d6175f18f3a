import { sql } from 'kysely';
import type { EngineKind } from '../../../foundation/database/engine.ts';
import type { Sql } from '../../collections/item-tables.ts';
import type { VectorTables } from '../follow/group-kinds.ts';
import { keepCentroid } from './centroid.ts';
import { type BuildSizes, buildHnsw, HNSW_SIZES } from './hnsw-build.ts';
import { keepStatistics } from './keep-statistics.ts';
import { realArray } from './real-array.ts';
import { vectorTable, vectorType } from './vector-sql.ts';

/** Largest vector that is kept inside its row: a page has 8 kB, and the key, part and a pointer to the text need room. */
const MAX_INLINE_BYTES = 7_800;

/**
 * Tables of vectors. They are not columns of the item table: an update of any column of a table with an HNSW index is
 * a hundred times slower.
 */
export function createVectorTables(engine: EngineKind, sizes: BuildSizes = HNSW_SIZES[engine]): VectorTables {
  return {
    async create(db, row) {
      await sql`create table ${vectorTable(row.id)} (
        key integer not null, part integer not null, text text,
        embedding ${vectorType(row.storage, row.dimensions)} not null, primary key (key, part)
      )`.execute(db);
      const bytes = row.dimensions * (row.storage === 'halfvec' ? 2 : 4);
      // Beside a long text, PostgreSQL would move the vector out of the row, and every comparison would fetch it from there.
      if (bytes <= MAX_INLINE_BYTES) {
        await sql`alter table ${vectorTable(row.id)} alter column embedding set storage plain`.execute(db);
      }
      // Nothing is estimated from vectors, and sorting a sample of them is what an `analyze` would spend its time on.
      await sql`alter table ${vectorTable(row.id)} alter column embedding set statistics 0`.execute(db);
    },

    async drop(db, indexId) {
      await sql`drop table if exists ${vectorTable(indexId)}`.execute(db);
    },

    async replace(db, row, keys, rows) {
      await deleteVectors(db, row.id, keys);
      if (rows.length === 0) return;
      const dimensions = sql.lit(Number(row.dimensions));
      await sql`
        insert into ${vectorTable(row.id)} (key, part, text, embedding)
        select key, part, text, vectors.numbers[(n - 1) * ${dimensions} + 1 : n * ${dimensions}]::${vectorType(row.storage, row.dimensions)}
        from (select ${realArray(rows.map((one) => one.embedding))}::real[] as numbers) vectors,
          unnest(${rows.map((one) => one.key)}::integer[], ${rows.map((one) => one.part)}::integer[],
            ${rows.map((one) => one.text)}::text[]) with ordinality as r (key, part, text, n)`.execute(db);
    },

    async ensureIndex(db, row, collection) {
      await keepStatistics(db, row.id, collection);
      await buildHnsw(db, row, collection, sizes);
      await keepCentroid(db, row.id, collection.metric);
    },
  };
}

async function deleteVectors(db: Sql, indexId: number, keys: readonly number[]): Promise<void> {
  await sql`delete from ${vectorTable(indexId)} where key = any(${[...keys]}::integer[])`.execute(db);
}
