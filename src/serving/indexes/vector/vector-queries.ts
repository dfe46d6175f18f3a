import { type RawBuilder, sql } from 'kysely';
import { fromVectorText } from '../../../foundation/core/math.ts';
import { itemTable, type Sql } from '../../collections/item-tables.ts';
import type { ItemCondition, VectorHit } from '../ports.ts';
import { realArray } from './real-array.ts';
import type { Scan } from './scans.ts';
import {
  aggregatedDistance,
  exactDistance,
  type IndexShape,
  indexableDistance,
  queryVector,
  similarityOf,
  vectorTable,
} from './vector-sql.ts';

interface PartRow {
  key: number;
  part: number;
  text: string | null;
  distance: number;
}

/** A part and, in the same form, the item that it belongs to. */
export interface PartHit extends VectorHit {
  /** Whether the item passes the filter. */
  readonly passes: boolean;
}

function toHits(rows: readonly PartRow[], shape: IndexShape): VectorHit[] {
  return rows.map(({ key, part, text, distance }) => {
    const similarity = similarityOf(distance, shape.metric);
    return { key, similarity, part: { position: part, text, similarity } };
  });
}

/** A condition that names a column of the item table alone is still one that has to hold for a live item. */
const holds = (condition: ItemCondition): RawBuilder<boolean> =>
  condition === undefined ? sql<boolean>`not i.deleted` : sql<boolean>`(not i.deleted and (${condition}))`;

const within = (scan: Scan): RawBuilder<boolean> =>
  sql<boolean>`v.key >= ${sql.lit(scan.from)} and v.key < ${sql.lit(scan.to)}`;

/**
 * The `limit` nearest parts whatever the filter says, each with the filter's answer, nearest first. Each scan is served
 * by its own HNSW index, or compared one by one where it has none.
 */
export async function nearestParts(
  db: Sql,
  shape: IndexShape,
  scans: readonly Scan[],
  vector: Float32Array,
  condition: ItemCondition,
  limit: number,
): Promise<PartHit[]> {
  const branches = scans.map((scan) => {
    const distance = scan.indexed ? indexableDistance(shape.metric) : exactDistance(shape.metric);
    return sql`(
      select v.key, v.part, v.text, ${distance} as distance from ${vectorTable(shape.indexId)} v
      where ${scan.whole ? sql`true` : within(scan)} order by ${distance} limit ${limit}::integer
    )`;
  });
  const { rows } = await sql<PartRow & { passes: boolean }>`
    with ${queryVector(shape, vector)},
    nearest as materialized (
      select * from (${sql.join(branches, sql` union all `)}) candidates order by distance limit ${limit}::integer
    )
    select n.key, n.part, n.text, n.distance, coalesce(${holds(condition)}, false) as passes
    from nearest n join ${itemTable(shape.collectionId)} i on i.key = n.key
    order by n.distance, n.key, n.part`.execute(db);
  return toHits(rows, shape).map((hit, index) => ({ ...hit, passes: rows[index]?.passes === true }));
}

/** Nearest matching parts by index scans that go on until enough are found, then sorted. */
export async function iterativeParts(
  db: Sql,
  shape: IndexShape,
  scans: readonly Scan[],
  vector: Float32Array,
  condition: ItemCondition,
  limit: number,
): Promise<VectorHit[]> {
  const branches = scans.map((scan) => {
    const distance = scan.indexed ? indexableDistance(shape.metric) : exactDistance(shape.metric);
    return sql`(
      select v.key, v.part, v.text, ${distance} as distance
      from ${vectorTable(shape.indexId)} v join ${itemTable(shape.collectionId)} i on i.key = v.key
      where ${scan.whole ? sql`true` : within(scan)} and ${holds(condition)} order by ${distance} limit ${limit}::integer
    )`;
  });
  const { rows } = await sql<PartRow>`
    with ${queryVector(shape, vector)},
    found as materialized (${sql.join(branches, sql` union all `)})
    select * from found order by distance, key, part limit ${limit}::integer`.execute(db);
  return toHits(rows, shape);
}

/** The nearest parts of matching items, compared one by one. */
export async function exactParts(
  db: Sql,
  shape: IndexShape,
  vector: Float32Array,
  condition: ItemCondition,
  limit: number,
): Promise<VectorHit[]> {
  const { rows } = await sql<PartRow>`
    with ${queryVector(shape, vector)}
    select v.key, v.part, v.text, ${exactDistance(shape.metric)} as distance
    from ${itemTable(shape.collectionId)} i join ${vectorTable(shape.indexId)} v on v.key = i.key
    where ${holds(condition)} order by 4, v.key, v.part limit ${limit}::integer`.execute(db);
  return toHits(rows, shape);
}

export interface CappedParts {
  /** Number of matching items; `cap` + 1 when there are more. */
  readonly matches: number;
  /** Empty when there are more matches than the cap. */
  readonly parts: readonly VectorHit[];
}

/** The same, unless more than `cap` items match: then the comparison is not begun. Counting and comparing share a scan. */
export async function cappedExactParts(
  db: Sql,
  shape: IndexShape,
  vector: Float32Array,
  condition: ItemCondition,
  limit: number,
  cap: number,
): Promise<CappedParts> {
  const { rows } = await sql<{ matches: number } & Partial<PartRow>>`
    with ${queryVector(shape, vector)},
    matching as materialized (
      select i.key from ${itemTable(shape.collectionId)} i where ${holds(condition)} limit ${cap + 1}::integer
    ),
    counted as materialized (select count(*)::integer as matches from matching)
    select counted.matches, h.* from counted left join lateral (
      select v.key, v.part, v.text, ${exactDistance(shape.metric)} as distance
      from matching m join ${vectorTable(shape.indexId)} v on v.key = m.key
      where counted.matches <= ${cap}::integer order by 4, v.key, v.part limit ${limit}::integer
    ) h on true
    order by h.distance, h.key, h.part`.execute(db);
  const found = rows.filter((row): row is { matches: number } & PartRow => typeof row.key === 'number');
  return { matches: rows[0]?.matches ?? 0, parts: toHits(found, shape) };
}

/** Items ranked by all their parts: every item that matches, or those of `keys` that do. */
export async function aggregatedItems(
  db: Sql,
  shape: IndexShape,
  vector: Float32Array,
  among: { readonly condition?: ItemCondition; readonly keys?: readonly number[] },
  limit: number | null,
): Promise<VectorHit[]> {
  const chosen = among.keys === undefined ? sql`true` : sql`v.key = any(${[...among.keys]}::integer[])`;
  const { rows } = await sql<PartRow & { nearest: number }>`
    with ${queryVector(shape, vector)},
    compared as (
      select v.key, v.part, ${exactDistance(shape.metric)} as distance
      from ${vectorTable(shape.indexId)} v join ${itemTable(shape.collectionId)} i on i.key = v.key
      where ${chosen} and ${holds(among.condition)}
    ),
    ranked as (select c.*, row_number() over (partition by key order by distance, part) as rank from compared c),
    items as (
      select key, ${aggregatedDistance(shape.aggregate)} as distance, min(part) filter (where rank = 1) as part,
        min(distance) as nearest
      from ranked group by key order by 2, key ${limit === null ? sql`` : sql`limit ${limit}::integer`}
    )
    select items.*, v.text from items join ${vectorTable(shape.indexId)} v on v.key = items.key and v.part = items.part
    order by items.distance, items.key`.execute(db);
  return rows.map(({ key, part, text, distance, nearest }) => ({
    key,
    similarity: similarityOf(distance, shape.metric),
    part: { position: part, text, similarity: similarityOf(nearest, shape.metric) },
  }));
}

/** Mean vector of each item's parts. */
export async function itemVectors(
  db: Sql,
  indexId: number,
  keys: readonly number[],
): Promise<Map<number, Float32Array>> {
  const { rows } = await sql<{ key: number; mean: string }>`
    select key, avg(embedding)::text as mean from ${vectorTable(indexId)}
    where key = any(${[...keys]}::integer[]) group by key`.execute(db);
  return new Map(rows.map((row) => [row.key, fromVectorText(row.mean)]));
}

/** Cosine of a direction with where each item (mean of parts) lies from a mean; 0 for one that lies in it. */
export async function itemCosines(
  db: Sql,
  shape: IndexShape,
  { direction, mean }: { readonly direction: Float32Array; readonly mean: Float32Array },
  keys: readonly number[],
): Promise<Map<number, number>> {
  const item = shape.metric === 'cosine' ? sql`l2_normalize(avg(embedding)::vector)` : sql`avg(embedding)::vector`;
  const { rows } = await sql<{ key: number; cosine: number }>`
    with given as materialized (
      select ${realArray([direction])}::real[]::vector as direction, ${realArray([mean])}::real[]::vector as mean)
    select key, 1 - coalesce(nullif(
      (${item} - (select mean from given)) <=> (select direction from given), 'NaN'::float8), 1) as cosine
    from ${vectorTable(shape.indexId)} where key = any(${[...keys]}::integer[]) group by key`.execute(db);
  return new Map(rows.map((row) => [row.key, row.cosine]));
}

/** Vectors of `count` stored parts, spread over the index, for probes. */
export async function sampleVectors(db: Sql, indexId: number, count: number): Promise<Float32Array[]> {
  const { rows } = await sql<{ embedding: string }>`
    select embedding::text as embedding from ${vectorTable(indexId)}
    order by hashint4(key), part limit ${count}::integer`.execute(db);
  return rows.map((row) => fromVectorText(row.embedding));
}

/** The database's own estimate of how many items match: no row is read, about .4 ms. */
export async function estimateMatches(db: Sql, collectionId: number, condition: ItemCondition): Promise<number> {
  const { rows } = await sql<{ 'QUERY PLAN': unknown }>`
    explain (format json) select from ${itemTable(collectionId)} i where ${holds(condition)}`.execute(db);
  const answer = rows[0]?.['QUERY PLAN'];
  const plans = (typeof answer === 'string' ? JSON.parse(answer) : answer) as
    | ReadonlyArray<{ readonly Plan: { readonly 'Plan Rows'?: number } }>
    | undefined;
  return plans?.[0]?.Plan['Plan Rows'] ?? Number.POSITIVE_INFINITY;
}
