import { expect, it } from 'vitest';
import { createRandom } from '../../../../src/foundation/core/random.ts';
import { describeOnEveryDatabase } from '../../../support/databases.ts';
import { makeVectorCollection, type VectorItem } from '../../../support/vector-collection.ts';
import { SIMILARITIES } from './brute-force.ts';

const DIMENSIONS = 24;

function scattered(count: number): VectorItem[] {
  const random = createRandom(9);
  const part = (): Float32Array => Float32Array.from({ length: DIMENSIONS }, (_, i) => random.next() * (i % 3));
  return Array.from({ length: count }, (_, index) => ({ key: index + 1, parts: [part()] }));
}

describeOnEveryDatabase('mean similarity', (open) => {
  for (const [metric, precision] of [
    ['cosine', 4],
    ['dot', 3],
    // The root of the mean square instead of the mean.
    ['l2', 0],
  ] as const) {
    it(`is the mean over all vectors: ${metric}`, async () => {
      const database = await open();
      const items = scattered(200);
      const collection = await makeVectorCollection(database, { dimensions: DIMENSIONS, metric });
      await collection.put(items);
      await collection.ensureIndex();
      const query = Float32Array.from({ length: DIMENSIONS }, (_, i) => i - 3);
      const sum = items.reduce((total, item) => total + SIMILARITIES[metric](query, item.parts[0] as Float32Array), 0);
      expect(await collection.open().meanSimilarity(query)).toBeCloseTo(sum / items.length, precision);
    });
  }

  it('is 0 while there is nothing, and moves with the collection', async () => {
    const database = await open();
    const collection = await makeVectorCollection(database, { dimensions: 2 });
    const query = Float32Array.of(1, 0);
    expect(await collection.open().meanSimilarity(query)).toBe(0);
    const put = (from: number, count: number, vector: Float32Array): Promise<void> =>
      collection.put(Array.from({ length: count }, (_, index) => ({ key: from + index, parts: [vector] })));
    await put(1, 10, Float32Array.of(2, 0));
    await collection.ensureIndex();
    expect(await collection.open().meanSimilarity(query)).toBeCloseTo(1, 5);
    await put(11, 1000, Float32Array.of(0, 3));
    await collection.ensureIndex();
    expect(await collection.open().meanSimilarity(query)).toBeCloseTo(10 / 1010, 5);
  });
});
