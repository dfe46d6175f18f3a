import { type RawBuilder, sql } from 'kysely';
import type { Metric, PartAggregation } from '../../collections/schema.ts';
import { realArray } from './real-array.ts';

export type VectorStorage = 'vector' | 'halfvec';

/** What every query over one index needs to know. */
export interface IndexShape {
  readonly indexId: number;
  readonly collectionId: number;
  readonly dimensions: number;
  readonly storage: VectorStorage;
  readonly metric: Metric;
  readonly aggregate: PartAggregation;
}

export const vectorTableName = (indexId: number): string => `vectors_${Number(indexId)}`;
export const vectorTable = (indexId: number): RawBuilder<unknown> => sql.table(vectorTableName(indexId));

/** pgvector's distance operators (a smaller distance is nearer) and their operator classes. */
const OPERATORS: Readonly<Record<Metric, string>> = { cosine: '<=>', dot: '<#>', l2: '<->' };
const OPERATOR_CLASSES: Readonly<Record<Metric, string>> = { cosine: 'cosine_ops', dot: 'ip_ops', l2: 'l2_ops' };

export const operatorClass = (storage: VectorStorage, metric: Metric): RawBuilder<unknown> =>
  sql.raw(`${storage}_${OPERATOR_CLASSES[metric]}`);

export const vectorType = (storage: VectorStorage, dimensions: number): RawBuilder<unknown> =>
  sql.raw(`${storage}(${Number(dimensions)})`);

/** `with` entry that binds the query's vector once: `query.vector`. A statement may compare with it in many places. */
export const queryVector = (shape: IndexShape, vector: Float32Array): RawBuilder<unknown> =>
  sql`query as materialized (
    select ${realArray([vector])}::real[]::${vectorType(shape.storage, shape.dimensions)} as vector
  )`;

/** Distance of `v.embedding` to the query's vector, in the form that an HNSW index can serve. */
export const indexableDistance = (metric: Metric): RawBuilder<number> =>
  sql<number>`(v.embedding ${sql.raw(OPERATORS[metric])} (select vector from query))`;

/**
 * The same in a form that an HNSW index cannot serve, so that nothing is left out. The cosine with a zero vector is
 * not a number; it counts as 0, as everywhere else in this project.
 */
export const exactDistance = (metric: Metric): RawBuilder<number> =>
  metric === 'cosine'
    ? sql<number>`coalesce(nullif(${indexableDistance(metric)}, 'NaN'::float8), 1)`
    : sql<number>`(${indexableDistance(metric)} + 0)`;

/** Larger is nearer: cosine, inner product, or minus the L2 distance. */
export function similarityOf(distance: number, metric: Metric): number {
  if (Number.isNaN(distance)) return 0;
  return metric === 'cosine' ? 1 - distance : -distance;
}

/** An item's distance from those of its parts, `distance` being a part's and `rank` its number from the nearest. */
export function aggregatedDistance(aggregate: PartAggregation): RawBuilder<number> {
  if (typeof aggregate === 'object')
    return sql<number>`avg(distance) filter (where rank <= ${aggregate.topMean}::integer)`;
  if (aggregate === 'mean') return sql<number>`avg(distance)`;
  return aggregate === 'min' ? sql<number>`max(distance)` : sql<number>`min(distance)`;
}
