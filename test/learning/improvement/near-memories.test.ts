import { sql } from 'kysely';
import { expect, it } from 'vitest';
import { normalized } from '../../../src/foundation/core/math.ts';
import { NO_SPREAD } from '../../../src/learning/improvement/click-spread.ts';
import { writeMemories } from '../../../src/learning/improvement/learning-queries.ts';
import {
  MAX_COMPARED,
  readNearMemories,
  readNewestMemories,
} from '../../../src/learning/improvement/memory-queries.ts';
import { describeOnEveryDatabase } from '../../support/databases.ts';
import { freshName, openStudio } from '../../support/studio.ts';

const cells = { a: { clicks: 2, expected: 1 } };
const direction = (degrees: number): Float32Array =>
  Float32Array.of(Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180));

describeOnEveryDatabase('the memories near a query', (open) => {
  async function openMemories() {
    const database = await open();
    const { collections } = await openStudio(database);
    const { collection } = await collections.put(freshName(), { fields: { name: { type: 'text', lexical: true } } });
    const { db } = database;
    const remember = (queryKey: string, vector: Float32Array | null, over: { space?: string; at?: Date } = {}) =>
      writeMemories(
        db,
        collection.id,
        [{ queryKey, space: vector === null ? null : (over.space ?? 'plane'), vector, cells, spread: NO_SPREAD }],
        over.at ?? new Date(),
      );
    const near = async (queryKey: string, vector: Float32Array | null, limit = 32) =>
      (
        await readNearMemories(db, {
          collectionId: collection.id,
          queryKey,
          query: vector === null ? null : { space: 'plane', vector },
          minSimilarity: 0.6,
          limit,
          since: (await readNewestMemories(db, collection.id)).since,
        })
      ).map((memory) => [memory.queryKey, Math.round(memory.similarity * 100) / 100]);
    return { db, collection, remember, near };
  }

  it('are itself first, then those within the angle, nearest first, and none of another space', async () => {
    const { remember, near } = await openMemories();
    await remember('itself', direction(0));
    await remember('near', direction(20));
    await remember('nearer', direction(10));
    await remember('far', direction(60));
    await remember('other dimension', normalized(Float32Array.of(1, 0, 0)), { space: 'solid' });
    await remember('without a vector', null);
    expect(await near('itself', direction(0))).toEqual([
      ['itself', 1],
      ['nearer', 0.98],
      ['near', 0.94],
    ]);
    expect(await near('without a vector', null)).toEqual([['without a vector', 1]]);
    expect(await near('never asked', direction(60), 1)).toEqual([['far', 1]]);
  });

  it('are looked for among the newest alone, so that a search costs the same however much is remembered', async () => {
    const { db, collection, remember, near } = await openMemories();
    await remember('old and near', direction(0), { at: new Date(0) });
    await sql`insert into memory_queries (collection_id, query_key, text, space, embedding, cells, clicks, updated_at)
      select ${collection.id}, 'far ' || n, 'far', 'plane', '[0,1]', '{}', 1, now() from generate_series(1, ${MAX_COMPARED}::integer) n`.execute(
      db,
    );
    expect(await near('asked', direction(0))).toEqual([]);
    expect(await near('old and near', direction(0))).toEqual([['old and near', 1]]);
    await remember('old and near', direction(0));
    expect(await near('asked', direction(0))).toEqual([['old and near', 1]]);
  });
});
