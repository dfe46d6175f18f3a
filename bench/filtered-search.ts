/**
 * Filtered vector search: recall, full pages and latency by selectivity, for filters that know nothing of the query and
 * for filters that exclude what is nearest to it.
 *
 *   node bench/filtered-search.ts [--database pglite|postgres] [--items 100000] [--queries 100] [--directory DIR]
 *
 * PostgreSQL is the one at DATABASE_URL. With --directory, or on PostgreSQL, a second run finds the items loaded.
 */
import { parseArgs } from 'node:util';
import { type RawBuilder, sql } from 'kysely';
import { dot } from '../src/foundation/core/math.ts';
import { createRandom } from '../src/foundation/core/random.ts';
import { type Database, openDatabase } from '../src/foundation/database/open-database.ts';
import { indexesOf } from '../src/serving/indexes/indexes-queries.ts';
import { createVectorIndex, type ProbedVectorIndex } from '../src/serving/indexes/vector/vector-index.ts';
import { makeVectorCollection } from '../test/support/vector-collection.ts';
import { type ClusteredVectors, clusteredVectors } from './clustered-vectors.ts';

const DIMENSIONS = 384;
const CLUSTERS = 500;
const LIMITS = [10, 100];
const BATCH = 1000;

interface BenchItem {
  readonly key: number;
  readonly vector: Float32Array;
  readonly cluster: number;
  readonly value: number;
}

interface Query {
  readonly vector: Float32Array;
  /** Clusters, the nearest first. */
  readonly clusters: readonly number[];
  /** Similarity of every item. */
  readonly similarities: Float64Array;
}

interface FilterShape {
  readonly name: string;
  of(query: Query): { readonly condition?: RawBuilder<boolean>; keeps(item: BenchItem): boolean };
}

const { values: options } = parseArgs({
  options: {
    database: { type: 'string', default: 'pglite' },
    items: { type: 'string', default: '100000' },
    queries: { type: 'string', default: '100' },
    directory: { type: 'string' },
  },
});

const below = (share: number): FilterShape => ({
  name: `${share * 100} % of all`,
  of: () => ({ condition: sql<boolean>`i.f0 < ${share}`, keeps: (item) => item.value < share }),
});

/** So many clusters, none of them among the 50 nearest to the query, and a share of their items. */
const farFrom = (clusters: number, share: number): FilterShape => ({
  name: `${(clusters / CLUSTERS) * share * 100} %, nothing near`,
  of(query) {
    const far = query.clusters.slice(50, 50 + clusters);
    const chosen = new Set(far);
    const condition = sql<boolean>`(i.f1 = any(${far.map(groupName)}::text[]) and i.f0 < ${share})`;
    return { condition, keeps: (item) => chosen.has(item.cluster) && item.value < share };
  },
});

/** What people mostly do: a filter that goes well with the query. */
const nearTo: FilterShape = {
  name: '10 %, the nearest clusters',
  of(query) {
    const near = query.clusters.slice(0, CLUSTERS / 10);
    const chosen = new Set(near);
    return {
      condition: sql<boolean>`i.f1 = any(${near.map(groupName)}::text[])`,
      keeps: (item) => chosen.has(item.cluster),
    };
  },
};

const SHAPES: readonly FilterShape[] = [
  { name: 'no filter', of: () => ({ keeps: () => true }) },
  ...[1, 0.5, 0.1, 0.03, 0.01, 0.001].map(below),
  nearTo,
  ...(
    [
      [450, 1],
      [250, 1],
      [50, 1],
      [15, 1],
      [5, 1],
      [1, 0.5],
    ] as const
  ).map(([clusters, share]) => farFrom(clusters, share)),
];

const groupName = (cluster: number): string => `cluster ${cluster}`;

/** The same items on every run, so that what a database holds already can be used again. */
function makeItems(count: number): { items: BenchItem[]; source: ClusteredVectors } {
  const source = clusteredVectors(1, DIMENSIONS, CLUSTERS);
  const random = createRandom(2);
  const items = Array.from({ length: count }, (_, index) => ({
    key: index + 1,
    value: random.next(),
    ...source.draw(),
  }));
  return { items, source };
}

function makeQueries(count: number, items: readonly BenchItem[], source: ClusteredVectors): Query[] {
  return Array.from({ length: count }, () => {
    const { vector } = source.draw();
    const nearness = source.centres.map((centre) => dot(centre, vector));
    const clusters = nearness
      .map((_, index) => index)
      .sort((a, b) => (nearness[b] as number) - (nearness[a] as number));
    return { vector, clusters, similarities: Float64Array.from(items, (item) => dot(item.vector, vector)) };
  });
}

async function openIndex(database: Database, items: readonly BenchItem[]): Promise<ProbedVectorIndex> {
  const { db, engine } = database;
  const name = `filtered-search-${items.length}`;
  const known = await db.selectFrom('collections').select('id').where('name', '=', name).executeTakeFirst();
  if (known !== undefined) {
    const [row] = await indexesOf(db, known.id);
    if (row === undefined) throw new Error(`The collection ${name} of an earlier run has no index; drop it.`);
    const parts = { split: { kind: 'none' }, aggregate: 'max' } as const;
    return createVectorIndex(db, engine.kind, row, { id: known.id, metric: 'cosine', parts });
  }
  const collection = await makeVectorCollection(database, { name, dimensions: DIMENSIONS });
  let started = performance.now();
  for (let from = 0; from < items.length; from += BATCH) {
    const batch = items.slice(from, from + BATCH);
    await collection.put(
      batch.map(({ key, vector, value, cluster }) => ({ key, value, group: groupName(cluster), parts: [vector] })),
    );
  }
  console.log(`loaded ${items.length} items in ${seconds(started)} s`);
  started = performance.now();
  const index = collection.open();
  const building = { done: false };
  const waits: number[] = [];
  const searching = (async () => {
    while (!building.done) {
      const asked = performance.now();
      await index.search({ vector: items[0]?.vector as Float32Array, limit: 10 });
      waits.push(performance.now() - asked);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  })();
  await collection.ensureIndex();
  building.done = true;
  await searching;
  console.log(
    `built the index in ${seconds(started)} s; the longest that a search waited meanwhile: ${(Math.max(...waits) / 1000).toFixed(1)} s`,
  );
  return collection.open();
}

const seconds = (started: number): string => ((performance.now() - started) / 1000).toFixed(1);
const percentile = (sorted: readonly number[], p: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(p * sorted.length))] ?? 0;

async function measure(
  index: ProbedVectorIndex,
  shape: FilterShape,
  limit: number,
  items: readonly BenchItem[],
  queries: readonly Query[],
) {
  const times: number[] = [];
  const plans = new Map<string, number>();
  let recall = 0;
  let full = 0;
  let matches = 0;
  for (const query of queries) {
    const { condition, keeps } = shape.of(query);
    const matching = items.filter(keeps);
    const similarity = (item: BenchItem): number => query.similarities[item.key - 1] as number;
    // The least similarity that still belongs to the page; ties count.
    const expected = matching
      .map(similarity)
      .sort((a, b) => b - a)
      .slice(0, limit);
    const least = (expected.at(-1) ?? 1) - 1e-6;
    const started = performance.now();
    const { hits, plan } = await index.search({
      vector: query.vector,
      limit,
      ...(condition === undefined ? {} : { condition }),
    });
    times.push(performance.now() - started);
    plans.set(plan, (plans.get(plan) ?? 0) + 1);
    const right = hits.filter(
      ({ key }) => keeps(items[key - 1] as BenchItem) && similarity(items[key - 1] as BenchItem) >= least,
    );
    recall += expected.length === 0 ? 1 : right.length / expected.length;
    full += hits.length === expected.length ? 1 : 0;
    matches += matching.length;
  }
  times.sort((a, b) => a - b);
  return {
    filter: shape.name,
    limit,
    matches: Math.round(matches / queries.length),
    plan: [...plans]
      .sort((a, b) => b[1] - a[1])
      .map(([plan, count]) => `${plan} ${count}`)
      .join(', '),
    'p50 ms': Number(percentile(times, 0.5).toFixed(1)),
    'p99 ms': Number(percentile(times, 0.99).toFixed(1)),
    recall: Number((recall / queries.length).toFixed(4)),
    'full pages': `${full}/${queries.length}`,
  };
}

async function main(): Promise<void> {
  const databaseUrl = process.env.DATABASE_URL;
  if (options.database === 'postgres' && databaseUrl === undefined)
    throw new Error('Set DATABASE_URL to a PostgreSQL server.');
  const database = await openDatabase(
    options.database === 'postgres' && databaseUrl !== undefined
      ? { databaseUrl }
      : { dataDirectory: options.directory ?? 'memory' },
  );
  const { items, source } = makeItems(Number(options.items));
  const index = await openIndex(database, items);
  const queries = makeQueries(Number(options.queries), items, source);
  for (const query of queries.slice(0, 20)) await index.search({ vector: query.vector, limit: 10 });
  console.log(`${database.engine.kind}, ${items.length} × ${DIMENSIONS}, ${queries.length} queries a row`);
  const table = [];
  for (const limit of LIMITS)
    for (const shape of SHAPES) table.push(await measure(index, shape, limit, items, queries));
  console.table(table);
  const missed = table.filter(
    (row) => row.recall < 0.95 || row['full pages'] !== `${queries.length}/${queries.length}`,
  );
  console.log(
    missed.length === 0
      ? 'recall ≥ .95 and every page full'
      : `${missed.length} rows below recall .95 or with short pages`,
  );
  await database.close();
  process.exitCode = missed.length === 0 ? 0 : 1;
}

await main();
