import fc from 'fast-check';
import { sql } from 'kysely';
import { expect, it } from 'vitest';
import type { Metric, PartAggregation } from '../../../../src/serving/collections/schema.ts';
import { describeOnEveryDatabase } from '../../../support/databases.ts';
import { makeVectorCollection, type VectorItem } from '../../../support/vector-collection.ts';
import { nearestItems } from './brute-force.ts';

const DIMENSIONS = 6;
const METRICS: readonly Metric[] = ['cosine', 'dot', 'l2'];
const AGGREGATIONS: readonly PartAggregation[] = ['max', 'min', 'mean', { topMean: 2 }];

const vectors = fc
  .array(fc.integer({ min: -50, max: 50 }), { minLength: DIMENSIONS, maxLength: DIMENSIONS })
  .filter((values) => values.some((value) => value !== 0))
  .map((values) => Float32Array.from(values, (value) => value / 16));

const items = fc
  .array(
    fc.record({
      parts: fc.array(vectors, { minLength: 0, maxLength: 4 }),
      deleted: fc.boolean(),
      value: fc.integer({ min: 0, max: 3 }),
    }),
    { minLength: 1, maxLength: 25 },
  )
  .map((made): VectorItem[] => made.map((item, index) => ({ key: index + 1, ...item })));

describeOnEveryDatabase('exact vector search', (open) => {
  for (const metric of METRICS) {
    for (const aggregate of AGGREGATIONS) {
      it(`ranks like a look at everything: ${metric}, ${JSON.stringify(aggregate)}`, async () => {
        const database = await open();
        await fc.assert(
          fc.asyncProperty(items, vectors, fc.integer({ min: 1, max: 12 }), async (made, query, limit) => {
            const collection = await makeVectorCollection(database, { dimensions: DIMENSIONS, metric, aggregate });
            await collection.put(made);
            const index = collection.open();
            const atLeast = sql<boolean>`i.f0 >= ${2}`;
            for (const condition of [undefined, atLeast]) {
              const matching = condition === undefined ? made : made.filter((item) => (item.value ?? 0) >= 2);
              const expected = nearestItems(matching, query, metric, aggregate, limit);
              const { hits, approximate } = await index.search({
                vector: query,
                limit,
                ...(condition === undefined ? {} : { condition }),
              });
              expect(approximate).toBe(false);
              expect(hits.map((hit) => hit.similarity.toFixed(4))).toEqual(
                expected.map((hit) => hit.similarity.toFixed(4)),
              );
              expect(new Set(hits.map((hit) => hit.key)).size).toBe(hits.length);
              const byKey = new Map(nearestItems(made, query, metric, aggregate, 100).map((hit) => [hit.key, hit]));
              for (const hit of hits) {
                expect(hit.similarity).toBeCloseTo(byKey.get(hit.key)?.similarity ?? Number.NaN, 4);
                expect(hit.part.similarity).toBeCloseTo(byKey.get(hit.key)?.best ?? Number.NaN, 4);
                expect(hit.part.text).toBe(`text ${hit.key}.${hit.part.position}`);
              }
              const similarities = await index.similarities(
                query,
                made.map((item) => item.key),
              );
              expect(similarities.size).toBe(byKey.size);
              for (const [key, hit] of similarities)
                expect(hit.similarity).toBeCloseTo(byKey.get(key)?.similarity ?? Number.NaN, 4);
            }
          }),
          { numRuns: 8, seed: 7 },
        );
      });
    }
  }

  it('leaves out what is less similar than asked for', async () => {
    const database = await open();
    const collection = await makeVectorCollection(database, { dimensions: 2 });
    await collection.put([1, 0, -1].map((x, index) => ({ key: index + 1, parts: [Float32Array.of(x, 0.5)] })));
    const index = collection.open();
    const { hits } = await index.search({ vector: Float32Array.of(1, 0), limit: 10, minSimilarity: 0.5 });
    expect(hits.map((hit) => hit.key)).toEqual([1]);
  });

  it('refuses a vector of another length and says which length it holds', async () => {
    const database = await open();
    const index = (await makeVectorCollection(database, { dimensions: 3 })).open();
    const wrong = Float32Array.of(1, 2);
    for (const call of [
      () => index.search({ vector: wrong, limit: 1 }),
      () => index.similarities(wrong, [1]),
      () => index.meanSimilarity(wrong),
    ]) {
      await expect(call()).rejects.toMatchObject({ code: 'space_mismatch', details: { expected: 3, received: 2 } });
    }
  });

  it('counts the cosine with a zero vector as 0 and still fills the list', async () => {
    const database = await open();
    const collection = await makeVectorCollection(database, { dimensions: 2 });
    await collection.put([
      { key: 1, parts: [Float32Array.of(0, 0)] },
      { key: 2, parts: [Float32Array.of(1, 0)] },
      { key: 3, parts: [Float32Array.of(-1, 0)] },
    ]);
    const index = collection.open();
    const { hits } = await index.search({ vector: Float32Array.of(1, 0), limit: 3 });
    expect(hits.map((hit) => [hit.key, hit.similarity])).toEqual([
      [2, 1],
      [1, 0],
      [3, -1],
    ]);
    const nothing = await index.search({ vector: Float32Array.of(0, 0), limit: 3 });
    expect(nothing.hits.map((hit) => hit.similarity)).toEqual([0, 0, 0]);
  });

  it('gives the mean of the parts of an item as its vector, and none for items without parts', async () => {
    const database = await open();
    const collection = await makeVectorCollection(database, { dimensions: 2 });
    await collection.put([
      { key: 1, parts: [Float32Array.of(1, 0), Float32Array.of(0, 1)] },
      { key: 2, parts: [] },
    ]);
    const found = await collection.open().vectors([1, 2, 3]);
    expect([...found]).toEqual([[1, Float32Array.of(0.5, 0.5)]]);
  });
});
