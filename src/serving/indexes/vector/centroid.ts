import { sql } from 'kysely';
import { dot, fromVectorText, norm } from '../../../foundation/core/math.ts';
import type { Db } from '../../../foundation/database/tables.ts';
import type { Sql } from '../../collections/item-tables.ts';
import type { Metric } from '../../collections/schema.ts';
import { type IndexShape, vectorTable, vectorTableName } from './vector-sql.ts';

/** What an index keeps about itself under `centroid` in its statistics. */
interface Centroid {
  /** Mean of the vectors; for the cosine of the vectors at length 1. */
  readonly mean: readonly number[];
  /** Mean squared length. */
  readonly meanSquare: number;
  /** Size of the table when it was taken. */
  readonly pages: number;
}

const FRESH_MILLISECONDS = 2_000;
const SAMPLED_ROWS = 20_000;
/** A mean of so many vectors does not move noticeably before the table has grown or shrunk by this much. */
const GROWTH = 1.2;

/** Takes the mean again and stores it: of all vectors, or of every n-th item above 20,000 rows. */
export async function refreshCentroid(db: Sql, indexId: number, metric: Metric): Promise<void> {
  const embedding = metric === 'cosine' ? sql`l2_normalize(embedding)` : sql`embedding`;
  const table = vectorTable(indexId);
  const { rows } = await sql<{ mean: string | null; square: number | null; pages: number }>`
    with size as (select count(*) as rows from ${table})
    select avg(${embedding})::text as mean, avg(vector_norm(${embedding}::vector) ^ 2) as square, ${pagesOf(indexId)} as pages
    from ${table} where key % (1 + (select rows from size) / ${SAMPLED_ROWS}::integer) = 0`.execute(db);
  const row = rows[0];
  const centroid: Centroid | null =
    row === undefined || row.mean === null
      ? null
      : { mean: [...fromVectorText(row.mean)], meanSquare: row.square ?? 0, pages: row.pages };
  await sql`update indexes set statistics = statistics || jsonb_build_object('centroid', ${JSON.stringify(centroid)}::jsonb)
    where id = ${indexId}`.execute(db);
}

/** Takes the mean again once the table has grown or shrunk by a fifth. */
export async function keepCentroid(db: Sql, indexId: number, metric: Metric): Promise<void> {
  const { rows } = await sql<{ pages: number; then: number | null }>`
    select ${pagesOf(indexId)} as pages, (statistics #>> '{centroid,pages}')::float8 as then
    from indexes where id = ${indexId}`.execute(db);
  const row = rows[0];
  if (row === undefined) return;
  const { pages, then } = row;
  if (then === null || pages > GROWTH * then || then > GROWTH * pages) await refreshCentroid(db, indexId, metric);
}

const pagesOf = (indexId: number) => sql<number>`
  (pg_relation_size(to_regclass(${vectorTableName(indexId)}))::float8 / current_setting('block_size')::float8)`;

/**
 * Mean similarity of a query to the whole collection, without looking at it: the mean of inner products is the inner
 * product with the mean, and the cosine is one of vectors at length 1.
 */
export class CentroidCache {
  readonly #db: Db;
  readonly #shape: IndexShape;
  #centroid: Promise<Centroid | null> | undefined;
  #readAt = 0;

  constructor(db: Db, shape: IndexShape) {
    this.#db = db;
    this.#shape = shape;
  }

  async meanSimilarity(vector: Float32Array): Promise<number> {
    const centroid = await this.#current();
    if (centroid === null) return 0;
    const { metric } = this.#shape;
    const along = dot(vector, Float32Array.from(centroid.mean));
    if (metric === 'dot') return along;
    if (metric === 'cosine') return along / Math.max(norm(vector), Number.EPSILON);
    // The root of the mean squared distance: at least the mean distance, and close to it in many dimensions.
    return -Math.sqrt(Math.max(0, dot(vector, vector) - 2 * along + centroid.meanSquare));
  }

  /** The mean itself; null while there are no vectors. */
  async mean(): Promise<Float32Array | null> {
    const centroid = await this.#current();
    return centroid === null ? null : Float32Array.from(centroid.mean);
  }

  #current(): Promise<Centroid | null> {
    const now = performance.now();
    if (this.#centroid === undefined || now - this.#readAt > FRESH_MILLISECONDS) {
      this.#readAt = now;
      this.#centroid = this.#read();
      this.#centroid.catch(() => {
        this.#centroid = undefined;
      });
    }
    return this.#centroid;
  }

  async #read(): Promise<Centroid | null> {
    const { indexId, metric } = this.#shape;
    const stored = await readCentroid(this.#db, indexId);
    if (stored !== null) return stored;
    // The follower has not caught up for the first time yet.
    await refreshCentroid(this.#db, indexId, metric);
    return readCentroid(this.#db, indexId);
  }
}

async function readCentroid(db: Sql, indexId: number): Promise<Centroid | null> {
  const { rows } = await sql<{ centroid: Centroid | null }>`
    select statistics -> 'centroid' as centroid from indexes where id = ${indexId}`.execute(db);
  return rows[0]?.centroid ?? null;
}
