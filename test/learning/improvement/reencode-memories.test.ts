import { sql } from 'kysely';
import { expect, it } from 'vitest';
import { writeMemories } from '../../../src/learning/improvement/learning-queries.ts';
import { readNearMemories } from '../../../src/learning/improvement/memory-queries.ts';
import { MemoryUpkeep } from '../../../src/learning/improvement/memory-upkeep.ts';
import { reencodeMemories } from '../../../src/learning/improvement/reencode-memories.ts';
import { hashVector } from '../../support/counting-encoder.ts';
import { describeOnEveryDatabase } from '../../support/databases.ts';
import { freshName, openStudio } from '../../support/studio.ts';

const learned = { cells: { a: { clicks: 2, expected: 1 } }, spread: { excess: 0, mass: 0 } };

describeOnEveryDatabase('memories of another model', (open) => {
  async function openMemories() {
    const database = await open();
    const { db } = database;
    const { collections } = await openStudio(database);
    const { collection } = await collections.put(freshName(), { fields: { name: { type: 'text', embed: true } } });
    const model = { space: 'counting' };
    const encoded: string[] = [];
    /** As the model of a collection would; between the calls it may become another one. */
    const encodeQueries = async (_: number, texts: readonly string[]) => {
      encoded.push(...texts);
      return new Map(texts.map((text) => [text, { space: model.space, vector: hashVector(text) }]));
    };
    const vectorIn = (space: string | null, text: string) =>
      space === null ? null : space === 'counting' ? hashVector(text) : Float32Array.of(1, 0, 0);
    const remember = (queryKey: string, space: string | null, at = new Date()) =>
      writeMemories(db, collection.id, [{ queryKey, space, vector: vectorIn(space, queryKey), ...learned }], at);
    const near = async (text: string) =>
      (
        await readNearMemories(db, {
          collectionId: collection.id,
          queryKey: 'something else',
          query: { space: 'counting', vector: hashVector(text) },
          minSimilarity: 0.99,
          limit: 10,
          since: null,
        })
      ).map(({ queryKey }) => queryKey);
    const states = async () =>
      (await sql`select query_key, cells, clicks, updated_at from memory_queries order by query_key`.execute(db)).rows;
    const reencode = (limit: number) => reencodeMemories({ db, encodeQueries, limit });
    return { db, collection, model, encoded, remember, near, states, reencode };
  }

  it('are neighbours again once they are encoded anew, and remember what they remembered', async () => {
    const { encoded, remember, near, states, reencode } = await openMemories();
    await remember('lamp', 'older model', new Date(Date.now() - 86_400_000));
    await remember('sofa', null);
    await remember('chair', 'counting');
    const before = await states();
    expect(await near('lamp')).toEqual([]);
    expect(await reencode(10)).toBe(false);
    expect(await near('lamp')).toEqual(['lamp']);
    expect(await near('sofa')).toEqual(['sofa']);
    expect(encoded.sort()).toEqual(['lamp', 'sofa']);
    expect(await states()).toEqual(before);
  });

  it('are moved piece by piece, the newest first, until none is left', async () => {
    const { db, encoded, remember, reencode } = await openMemories();
    for (let day = 1; day <= 5; day++) await remember(`day ${day}`, 'older model', new Date(day * 86_400_000));
    expect(await reencode(2)).toBe(true);
    expect(encoded).toEqual(['day 5', 'day 4']);
    const upkeep = new MemoryUpkeep({
      reencode: () => reencode(2),
      onError: (error) => expect.unreachable(String(error)),
    });
    await upkeep.run();
    await upkeep.close();
    const { rows } = await sql`select distinct space from memory_queries`.execute(db);
    expect(rows).toEqual([{ space: 'counting' }]);
    expect(encoded).toHaveLength(5);
  });

  it('are left alone while the model that would encode them is not the one that searches are encoded by', async () => {
    const { db, model, remember, reencode } = await openMemories();
    await remember('lamp', 'older model');
    model.space = 'newer model';
    expect(await reencode(1)).toBe(false);
    const { rows } = await sql`select space from memory_queries`.execute(db);
    expect(rows).toEqual([{ space: 'older model' }]);
  });
});
