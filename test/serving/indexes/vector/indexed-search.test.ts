import { sql } from 'kysely';
import { expect, it } from 'vitest';
import { normalized } from '../../../../src/foundation/core/math.ts';
import { createRandom } from '../../../../src/foundation/core/random.ts';
import type { PartAggregation } from '../../../../src/serving/collections/schema.ts';
import type { PlannerLimits } from '../../../../src/serving/indexes/vector/planner.ts';
import { probeRecall } from '../../../../src/serving/indexes/vector/recall-probe.ts';
import { readIndexedScans } from '../../../../src/serving/indexes/vector/scans.ts';
import { describeOnEveryDatabase } from '../../../support/databases.ts';
import { makeVectorCollection, type VectorItem } from '../../../support/vector-collection.ts';
import { nearestItems } from './brute-force.ts';

const DIMENSIONS = 16;
const CLUSTERS = 10;
const WHOLE = { fromRows: 100, segmentRows: null };
const SEGMENTS = { fromRows: 100, segmentRows: 250 };

/** Items around a few centres; an item's group is its centre. */
function clustered(seed: number, count: number, parts = 1) {
  const random = createRandom(seed);
  const gauss = (): number => Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
  const around = (centre: Float32Array, spread: number): Float32Array =>
    normalized(centre.map((x) => x + spread * gauss()));
  const centres = Array.from({ length: CLUSTERS }, () => around(new Float32Array(DIMENSIONS), 1));
  const items = Array.from({ length: count }, (_, index): VectorItem => {
    const cluster = random.integer(CLUSTERS);
    return {
      key: index + 1,
      value: random.next(),
      group: `g${cluster}`,
      parts: Array.from({ length: parts }, () => around(centres[cluster] as Float32Array, 0.1)),
    };
  });
  return { items, query: (cluster: number) => around(centres[cluster] as Float32Array, 0.1) };
}

const share = (expected: readonly { key: number }[], hits: readonly { key: number }[]): number =>
  expected.length === 0
    ? 1
    : expected.filter(({ key }) => hits.some((hit) => hit.key === key)).length / expected.length;

/** So small that all ways of the planner are gone with a few hundred items. */
const SMALL: PlannerLimits = { exactCap: 20, lastCap: 30, rowsPerCandidate: 0 };

describeOnEveryDatabase('vector search through HNSW', (open) => {
  for (const [name, sizes, limits] of [
    ['one graph', WHOLE, undefined],
    ['one graph that is trusted as far as it can be', WHOLE, SMALL],
    ['segments and an unindexed rest', SEGMENTS, undefined],
    ['segments that are trusted as far as they can be', SEGMENTS, SMALL],
  ] as const) {
    it(`fills every page and finds the nearest, whatever the filter: ${name}`, async () => {
      const database = await open();
      const { items, query } = clustered(1, 900);
      const collection = await makeVectorCollection(database, { dimensions: DIMENSIONS, sizes });
      await collection.put(items);
      await collection.ensureIndex();
      const scans = await readIndexedScans(database.db, collection.row.id);
      expect(scans.length).toBe(sizes.segmentRows === null ? 1 : 4);
      const index = collection.open(limits);
      const plans = new Set<string>();
      const limit = 10;
      for (let cluster = 0; cluster < CLUSTERS; cluster++) {
        const vector = query(cluster);
        const nearest = new Set(nearestItems(items, vector, 'cosine', 'max', 300).map(({ key }) => key));
        const groups = new Set(items.filter(({ key }) => nearest.has(key)).map((item) => item.group));
        const far = items.find((item) => !groups.has(item.group))?.group ?? 'none';
        for (const [condition, keep] of [
          [undefined, () => true],
          [sql<boolean>`i.f0 < ${0.5}`, (item) => (item.value ?? 0) < 0.5],
          [sql<boolean>`i.f0 < ${0.1}`, (item) => (item.value ?? 0) < 0.1],
          [sql<boolean>`i.f0 < ${0.005}`, (item) => (item.value ?? 0) < 0.005],
          [sql<boolean>`i.f1 <> ${`g${cluster}`}`, (item) => item.group !== `g${cluster}`],
          [sql<boolean>`i.f1 = ${far}`, (item) => item.group === far],
          [sql<boolean>`i.f1 = ${'nobody'}`, () => false],
        ] as readonly (readonly [ReturnType<typeof sql<boolean>> | undefined, (item: VectorItem) => boolean])[]) {
          const matching = items.filter(keep);
          const expected = nearestItems(matching, vector, 'cosine', 'max', limit);
          const { hits, plan } = await index.search({
            vector,
            limit,
            ...(condition === undefined ? {} : { condition }),
          });
          plans.add(plan);
          expect(hits.length).toBe(Math.min(limit, matching.length));
          expect(hits.every((hit) => matching.some((item) => item.key === hit.key))).toBe(true);
          expect(share(expected, hits)).toBeGreaterThanOrEqual(0.9);
        }
      }
      const ways = limits === undefined ? ['hnsw', 'filtered-exact'] : ['hnsw', 'probe', 'iterative', 'filtered-exact'];
      expect([...plans].sort()).toEqual(expect.arrayContaining(ways.sort()));
      expect((await index.search({ vector: query(0), limit: 5000 })).hits.length).toBe(items.length);
    });
  }

  it('never returns what is deleted, and goes on until the page is full', async () => {
    const database = await open();
    const { items, query } = clustered(2, 600);
    const collection = await makeVectorCollection(database, { dimensions: DIMENSIONS, sizes: WHOLE });
    await collection.put(items);
    await collection.ensureIndex();
    const vector = query(3);
    // The vectors of the 150 nearest are still there: the follower has not come to the deletion yet.
    const gone = new Set(nearestItems(items, vector, 'cosine', 'max', 150).map(({ key }) => key));
    const { id } = collection.collection;
    const { db } = database;
    await sql`update ${sql.table(`items_${id}`)} set deleted = true where key = any(${[...gone]}::integer[])`.execute(
      db,
    );
    const index = collection.open();
    const left = items.filter((item) => !gone.has(item.key));
    for (const condition of [undefined, sql<boolean>`i.f0 < ${0.6}`]) {
      const { hits } = await index.search({ vector, limit: 20, ...(condition === undefined ? {} : { condition }) });
      const expected = nearestItems(
        left.filter((item) => condition === undefined || (item.value ?? 0) < 0.6),
        vector,
        'cosine',
        'max',
        20,
      );
      expect(hits.length).toBe(20);
      expect(hits.some((hit) => gone.has(hit.key))).toBe(false);
      expect(share(expected, hits)).toBeGreaterThanOrEqual(0.9);
    }
    expect((await index.similarities(vector, [...gone])).size).toBe(0);
  });

  it('serves rows that came, changed or went after the build', async () => {
    const database = await open();
    const { items, query } = clustered(3, 700);
    const collection = await makeVectorCollection(database, { dimensions: DIMENSIONS, sizes: SEGMENTS });
    await collection.put(items.slice(0, 500));
    await collection.ensureIndex();
    const vector = query(5);
    const moved = { key: 7, parts: [vector] };
    await collection.put([moved, ...items.slice(500)]);
    const { db } = database;
    await collection.tables.replace(db, collection.row, [8], []);
    const now = [moved, ...items.filter((item) => item.key !== 7 && item.key !== 8)];
    const { hits, plan } = await collection.open().search({ vector, limit: 10 });
    expect(plan).toBe('hnsw');
    expect(hits[0]?.key).toBe(7);
    expect(share(nearestItems(now, vector, 'cosine', 'max', 10), hits)).toBeGreaterThanOrEqual(0.9);
    expect((await collection.open().vectors([8])).size).toBe(0);
  });

  for (const aggregate of ['max', 'min', 'mean', { topMean: 2 }] as readonly PartAggregation[]) {
    it(`gives one hit an item by all its parts: ${JSON.stringify(aggregate)}`, async () => {
      const database = await open();
      const { items, query } = clustered(4, 300, 3);
      const collection = await makeVectorCollection(database, {
        dimensions: DIMENSIONS,
        aggregate,
        sizes: WHOLE,
      });
      await collection.put(items);
      await collection.ensureIndex();
      const index = collection.open();
      for (const condition of [undefined, sql<boolean>`i.f0 < ${0.5}`]) {
        const vector = query(2);
        const matching = items.filter((item) => condition === undefined || (item.value ?? 0) < 0.5);
        const expected = nearestItems(matching, vector, 'cosine', aggregate, 15);
        const { hits } = await index.search({ vector, limit: 15, ...(condition === undefined ? {} : { condition }) });
        expect(new Set(hits.map((hit) => hit.key)).size).toBe(15);
        expect(share(expected, hits)).toBeGreaterThanOrEqual(0.9);
        expect(hits[0]?.similarity).toBeCloseTo(expected[0]?.similarity ?? Number.NaN, 4);
      }
    });
  }

  it('holds half-precision vectors, also of more than 2,000 numbers', async () => {
    const database = await open();
    const collection = await makeVectorCollection(database, {
      dimensions: 2500,
      storage: 'halfvec',
      sizes: { fromRows: 10, segmentRows: null },
    });
    const random = createRandom(5);
    const items = Array.from(
      { length: 30 },
      (_, index): VectorItem => ({
        key: index + 1,
        parts: [normalized(Float32Array.from({ length: 2500 }, () => random.next() - 0.5))],
      }),
    );
    await collection.put(items);
    await collection.ensureIndex();
    expect(await readIndexedScans(database.db, collection.row.id)).toHaveLength(1);
    const { hits } = await collection.open().search({ vector: items[11]?.parts[0] as Float32Array, limit: 3 });
    expect(hits[0]?.key).toBe(12);
    expect(hits[0]?.similarity).toBeCloseTo(1, 3);
  });

  it('compares all where pgvector has no index for so many numbers', async () => {
    const database = await open();
    const collection = await makeVectorCollection(database, {
      dimensions: 2100,
      sizes: { fromRows: 2, segmentRows: null },
    });
    const unit = (at: number): Float32Array => Float32Array.from({ length: 2100 }, (_, i) => (i === at ? 1 : 0));
    await collection.put([0, 1, 2].map((at) => ({ key: at + 1, parts: [unit(at)] })));
    await collection.ensureIndex();
    const { hits, plan } = await collection.open().search({ vector: unit(1), limit: 1 });
    expect([hits[0]?.key, plan]).toEqual([2, 'exact']);
  });

  it('probes its own recall', async () => {
    const database = await open();
    const { items } = clustered(6, 400);
    const collection = await makeVectorCollection(database, { dimensions: DIMENSIONS, sizes: WHOLE });
    await collection.put(items);
    await collection.ensureIndex();
    const index = collection.open();
    const probe = await probeRecall(index, await index.sample(10), 5);
    expect(probe.probes).toBe(10);
    expect(probe.recall).toBeGreaterThan(0.9);
    expect(probe.worst).toBeLessThanOrEqual(probe.recall);
  });
});
