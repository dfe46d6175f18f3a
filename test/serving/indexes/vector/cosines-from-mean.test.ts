import { expect, it } from 'vitest';
import { cosine, normalized } from '../../../../src/foundation/core/math.ts';
import { createRandom } from '../../../../src/foundation/core/random.ts';
import { describeOnEveryDatabase } from '../../../support/databases.ts';
import { makeVectorCollection } from '../../../support/vector-collection.ts';

const DIMENSIONS = 6;
const random = createRandom(5);
const vector = () => Float32Array.from({ length: DIMENSIONS }, () => 2 * random.next() - 0.7);
const meanOf = (vectors: readonly Float32Array[]): Float32Array =>
  Float32Array.from({ length: DIMENSIONS }, (_, at) =>
    vectors.reduce((sum, one) => sum + one[at]! / vectors.length, 0),
  );

describeOnEveryDatabase('cosines from the mean of a collection', (open) => {
  for (const metric of ['cosine', 'dot', 'l2'] as const) {
    for (const storage of ['vector', 'halfvec'] as const) {
      it(`are those of the items as ${metric} sees them (${storage})`, async () => {
        const database = await open();
        const collection = await makeVectorCollection(database, { dimensions: DIMENSIONS, metric, storage });
        const items = Array.from({ length: 30 }, (_, key) => ({
          key: key + 1,
          parts: Array.from({ length: 1 + (key % 3) }, vector),
        }));
        await collection.put(items);
        await collection.ensureIndex();
        const index = collection.open();
        const seen = (one: Float32Array): Float32Array => (metric === 'cosine' ? normalized(one) : one);
        const mean = meanOf(items.flatMap(({ parts }) => parts.map(seen)));
        const direction = vector();
        const found = await index.cosinesFromMean(direction, [1, 2, 3, 17, 999]);
        expect([...found.keys()].sort((left, right) => left - right)).toEqual([1, 2, 3, 17]);
        for (const [key, value] of found) {
          const item = seen(meanOf(items[key - 1]!.parts)).map((number, at) => number - mean[at]!);
          expect(value).toBeCloseTo(cosine(item, direction), storage === 'vector' ? 4 : 2);
        }
      });
    }
  }

  it('stay numbers for an item that lies in the mean, and are none without keys', async () => {
    const database = await open();
    const collection = await makeVectorCollection(database, { dimensions: 2 });
    await collection.put([{ key: 1, parts: [Float32Array.of(3, 4)] }]);
    await collection.ensureIndex();
    const index = collection.open();
    const found = await index.cosinesFromMean(Float32Array.of(1, 0), [1]);
    expect(Math.abs(found.get(1) as number)).toBeLessThanOrEqual(1);
    expect(await index.cosinesFromMean(Float32Array.of(1, 0), [])).toEqual(new Map());
    await expect(index.cosinesFromMean(Float32Array.of(1), [1])).rejects.toMatchObject({ code: 'space_mismatch' });
  });

  it('take the mean of nothing as 0', async () => {
    const database = await open();
    const collection = await makeVectorCollection(database, { dimensions: 2 });
    expect(await collection.open().mean()).toEqual(new Float32Array(2));
  });
});
