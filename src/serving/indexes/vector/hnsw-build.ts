import { sql } from 'kysely';
import type { EngineKind } from '../../../foundation/database/engine.ts';
import type { Db } from '../../../foundation/database/tables.ts';
import type { Sql } from '../../collections/item-tables.ts';
import type { Metric } from '../../collections/schema.ts';
import { KEY_END, readIndexedScans, segmentIndexName, wholeIndexName } from './scans.ts';
import { operatorClass, type VectorStorage, vectorTable } from './vector-sql.ts';

export interface BuildSizes {
  /** From so many unindexed rows on an HNSW index is built; below, comparing all is fast and exact. */
  readonly fromRows: number;
  /** Rows of one HNSW index, or null for one index over the table. */
  readonly segmentRows: number | null;
}

/**
 * PostgreSQL builds one graph while other sessions go on searching. The embedded database has one session, which a
 * build keeps busy (half a millisecond a row, 2 minutes at 100,000), and inserting into a finished graph costs 2-4 ms a
 * row: five to eight times the build. So there the keys are cut into segments, each with a graph of its own that is
 * built once it is full: no wait is longer than one segment's build, new rows cost no graph work, and what is not yet in a
 * segment is compared one by one.
 */
export const HNSW_SIZES: Readonly<Record<EngineKind, BuildSizes>> = {
  pglite: { fromRows: 10_000, segmentRows: 10_000 },
  postgres: { fromRows: 20_000, segmentRows: null },
};

/** pgvector's own defaults, which the recall figures in docs/decisions/filter-planner.md were measured with. */
const HNSW_M = 16;
const HNSW_EF_CONSTRUCTION = 64;
/** pgvector indexes vectors up to these lengths; beyond them only comparing all is left. */
const MAX_DIMENSIONS: Readonly<Record<VectorStorage, number>> = { vector: 2000, halfvec: 4000 };

interface BuiltRow {
  readonly id: number;
  readonly dimensions: number;
  readonly storage: VectorStorage;
}

/** Builds what is due, one index a transaction, so that waiting searches get their turn in between. */
export async function buildHnsw(
  db: Db,
  row: BuiltRow,
  collection: { readonly metric: Metric },
  sizes: BuildSizes,
): Promise<void> {
  if (row.dimensions > MAX_DIMENSIONS[row.storage]) return;
  while (await buildNext(db, row, collection.metric, sizes)) {
    // Each round looks afresh: rows may have come in meanwhile.
  }
}

/** False when nothing is left to be built, or when another process is building. */
async function buildNext(db: Db, row: BuiltRow, metric: Metric, sizes: BuildSizes): Promise<boolean> {
  const scans = await readIndexedScans(db, row.id);
  const end = sizes.segmentRows === null && scans[0]?.whole !== true ? 0 : (scans.at(-1)?.to ?? 0);
  if (end >= KEY_END) return false;
  const next = await keyAfter(db, row.id, end, sizes.fromRows - 1);
  if (next === null) return false;
  const to =
    sizes.segmentRows === null ? KEY_END : ((await keyAfter(db, row.id, end, sizes.segmentRows - 1)) ?? next) + 1;
  const name = to === KEY_END ? wholeIndexName(row.id) : segmentIndexName(row.id, end, to);
  return db.transaction().execute(async (transaction) => {
    const lock = await sql<{ mine: boolean }>`
      select pg_try_advisory_xact_lock(hashtext('build hnsw'), ${row.id}::integer) as mine`.execute(transaction);
    if (lock.rows[0]?.mine !== true) return false;
    await sql`select set_config('maintenance_work_mem', ${await buildMemory(transaction, row, sizes)}, true)`.execute(
      transaction,
    );
    // Not `concurrently`: only the follower writes this table, and it is the one that builds; readers are not held up,
    // and a build that is interrupted leaves nothing behind.
    await sql`create index if not exists ${sql.ref(name)} on ${vectorTable(row.id)}
      using hnsw (embedding ${operatorClass(row.storage, metric)})
      with (m = ${sql.lit(HNSW_M)}, ef_construction = ${sql.lit(HNSW_EF_CONSTRUCTION)})
      ${to === KEY_END ? sql`` : sql`where key >= ${sql.lit(end)} and key < ${sql.lit(to)}`}`.execute(transaction);
    if (to < KEY_END) return true;
    // A dump of an embedded installation brings its segments along.
    for (const scan of scans) {
      await sql`drop index if exists ${sql.ref(segmentIndexName(row.id, scan.from, scan.to))}`.execute(transaction);
    }
    return true;
  });
}

/** Key of the row that stands `offset` rows after the key `from`, or null when there are fewer. */
async function keyAfter(db: Sql, indexId: number, from: number, offset: number): Promise<number | null> {
  const { rows } = await sql<{ key: number }>`
    select key from ${vectorTable(indexId)} where key >= ${from}::integer
    order by key, part offset ${offset}::integer limit 1`.execute(db);
  return rows[0]?.key ?? null;
}

/** A graph that outgrows this memory is built several times slower. Embedded it is taken from one small heap. */
async function buildMemory(db: Sql, row: BuiltRow, sizes: BuildSizes): Promise<string> {
  const { rows } = await sql<{ count: number }>`select count(*)::float8 as count from ${vectorTable(row.id)}`.execute(
    db,
  );
  const count = Math.min(rows[0]?.count ?? 0, sizes.segmentRows ?? Number.POSITIVE_INFINITY);
  const bytesPerRow = row.dimensions * 4 + 8 * 2 * HNSW_M * 2 + 200;
  const megabytes = Math.ceil((1.3 * count * bytesPerRow) / 1_000_000);
  return `${Math.min(2_000, Math.max(64, megabytes))}MB`;
}
