import { sql } from 'kysely';
import { expect, it } from 'vitest';
import { StudioError } from '../../../src/foundation/core/errors.ts';
import { JudgmentStore } from '../../../src/learning/judgments/judgment-store.ts';
import { mergedJudgments } from '../../../src/learning/judgments/merged-judgments.ts';
import { replaceSet } from '../../../src/learning/judgments/write-judgments.ts';
import { upsertItems } from '../../../src/serving/collections/upsert-items.ts';
import { describeOnEveryDatabase } from '../../support/databases.ts';
import { freshName, openStudio, sharedBetweenTests } from '../../support/studio.ts';

const anna = { set: 'ratings', provenance: 'rating:anna' };
const ben = { set: 'ratings', provenance: 'rating:ben' };
const codeOf = async (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'done',
    (error) => (StudioError.isInstance(error) ? error.code : String(error)),
  );

describeOnEveryDatabase('judgments', (open) => {
  const database = sharedBetweenTests(open);
  async function openStore() {
    const { engine, db } = await database();
    const time = { now: new Date('2026-03-01T00:00:00Z') };
    const clock = { now: () => time.now };
    const { collections, items } = await openStudio({ engine, db });
    const { collection } = await collections.put(freshName(), { fields: { name: { type: 'text', lexical: true } } });
    await upsertItems(items, collection, [{ id: 'a' }, { id: 'b' }]);
    const store = new JudgmentStore({ db, clock });
    const grades = async (set: string) =>
      (await store.list(collection.id, { set, limit: 100 })).judgments.map(({ queryKey, itemId, grade }) => [
        queryKey,
        itemId,
        grade,
      ]);
    return { db, time, collections, collection, store, grades };
  }

  it('are kept by set, query and item, with who said so and when', async () => {
    const { collection, store } = await openStore();
    expect(
      await store.put(collection.id, anna, [
        { query: '  Red  Shoes', itemId: 'a', grade: 3 },
        { query: 'red shoes', itemId: 'b', grade: 0.5, weight: 2 },
      ]),
    ).toEqual({ written: 2, failed: 0, unknownItems: 0, errors: [] });
    expect((await store.list(collection.id, { limit: 10 })).judgments).toEqual([
      {
        ...{ ...anna, queryKey: 'red shoes', query: '  Red  Shoes', itemId: 'a', grade: 3, weight: 1 },
        ...{ deviation: null, support: null, at: new Date('2026-03-01T00:00:00Z') },
      },
      {
        ...{ ...anna, queryKey: 'red shoes', query: 'red shoes', itemId: 'b', grade: 0.5, weight: 2 },
        ...{ deviation: null, support: null, at: new Date('2026-03-01T00:00:00Z') },
      },
    ]);
  });

  it('say what was written last, by whomever, in one request and in the next', async () => {
    const { collection, store, grades } = await openStore();
    await store.put(collection.id, anna, [
      { query: 'Sea', itemId: 'a', grade: 1 },
      { query: 'SEA', itemId: 'a', grade: 2 },
    ]);
    expect(await grades('ratings')).toEqual([['sea', 'a', 2]]);
    await store.put(collection.id, ben, [{ query: 'sea', itemId: 'a', grade: 3 }]);
    expect((await store.list(collection.id, { limit: 10 })).judgments).toMatchObject([
      { provenance: 'rating:ben', grade: 3, query: 'sea' },
    ]);
  });

  it('count items that the collection does not hold, and keep their judgments', async () => {
    const { collection, store, grades } = await openStore();
    const judgments = ['a', 'gone', 'gone'].map((itemId, index) => ({ query: `${index}`, itemId, grade: 1 }));
    expect(await store.put(collection.id, anna, judgments)).toMatchObject({ written: 3, unknownItems: 2 });
    expect(await grades('ratings')).toHaveLength(3);
  });

  it('are all refused with one that is none', async () => {
    const { collection, store } = await openStore();
    const good = { query: 'sea', itemId: 'a', grade: 1 };
    for (const bad of [
      { grade: Number.NaN },
      { grade: 101 },
      { weight: 0 },
      { query: ' ' },
      { query: 'a\ud800' },
      { itemId: '' },
    ])
      expect(await codeOf(store.put(collection.id, anna, [good, { ...good, ...bad }]))).toBe('invalid_judgment');
    expect((await store.list(collection.id, { limit: 10 })).judgments).toEqual([]);
  });

  it('hold the longest query and the longest item, in letters of three and four bytes', async () => {
    const { collection, store } = await openStore();
    const judgments = ['語', '😀', '😀a'].map((letters) => ({
      query: letters.repeat(600),
      itemId: '語'.repeat(256),
      grade: 1,
    }));
    judgments.push({ query: `a${'😀'.repeat(300)}`, itemId: 'a', grade: 1 });
    expect(await store.put(collection.id, anna, judgments)).toMatchObject({ written: 4 });
    expect((await store.list(collection.id, { limit: 10 })).judgments).toHaveLength(4);
    expect(await store.delete(collection.id, 'ratings', judgments[3]?.query)).toBe(1);
  });

  it('are listed page by page, each once, of one set or query or of all', async () => {
    const { collection, store } = await openStore();
    for (const set of ['one', 'two']) {
      const judgments = ['x', 'y', 'Z'].flatMap((query) =>
        ['a', 'B', 'ä'].map((itemId) => ({ query, itemId, grade: 1 })),
      );
      await store.put(collection.id, { ...anna, set }, judgments);
    }
    const walk = async (request: { set?: string; query?: string }): Promise<string[]> => {
      const seen: string[] = [];
      for (let cursor: string | null | undefined; cursor !== null; ) {
        const page = await store.list(collection.id, { ...request, cursor, limit: 2 });
        seen.push(...page.judgments.map(({ set, queryKey, itemId }) => `${set} ${queryKey} ${itemId}`));
        cursor = page.nextCursor;
      }
      return seen;
    };
    const all = await walk({});
    expect([all.length, new Set(all).size]).toEqual([18, 18]);
    expect(await walk({ set: 'two' })).toEqual(all.slice(9));
    expect(new Set(await walk({ set: 'one', query: ' z' }))).toEqual(new Set(['one z a', 'one z B', 'one z ä']));
    expect(await walk({ query: 'x' })).toHaveLength(6);
    expect(await codeOf(store.list(collection.id, { limit: 1, cursor: 'abc' }))).toBe('invalid_cursor');
  });

  it('are told by set: how many, of how many queries, where from and since when', async () => {
    const { collection, store, time } = await openStore();
    await store.put(collection.id, anna, [
      { query: 'x', itemId: 'a', grade: 1 },
      { query: 'x', itemId: 'b', grade: 1 },
    ]);
    time.now = new Date('2026-03-02T00:00:00Z');
    await store.put(collection.id, { set: 'ratings', provenance: 'import:file' }, [
      { query: 'y', itemId: 'b', grade: 1 },
    ]);
    await store.put(collection.id, { ...anna, set: 'others' }, [{ query: 'y', itemId: 'b', grade: 1 }]);
    expect(await store.sets(collection.id, '', 10)).toEqual([
      { set: 'others', judgments: 1, queries: 1, provenance: ['rating'], updatedAt: time.now },
      { set: 'ratings', judgments: 3, queries: 2, provenance: ['import', 'rating'], updatedAt: time.now },
    ]);
    expect(await store.sets(collection.id, 'others', 1)).toMatchObject([{ set: 'ratings' }]);
  });

  it('go with their query or their set, and an unknown set is said to be unknown', async () => {
    const { collection, store, grades } = await openStore();
    await store.put(collection.id, anna, [
      { query: 'x', itemId: 'a', grade: 1 },
      { query: 'y', itemId: 'a', grade: 1 },
      { query: 'z', itemId: 'a', grade: 1 },
    ]);
    expect(await store.delete(collection.id, 'ratings', 'X ')).toBe(1);
    expect(await store.delete(collection.id, 'ratings', 'never judged')).toBe(0);
    expect(await grades('ratings')).toHaveLength(2);
    await expect(store.delete(collection.id, 'rating')).rejects.toThrow(
      'no set of judgments "rating". There are "ratings".',
    );
    expect(await store.delete(collection.id, 'ratings')).toBe(2);
    expect(await codeOf(store.list(collection.id, { set: 'ratings', limit: 1 }))).toBe('judgment_set_not_found');
  });

  it('of several sets are merged pair by pair, and the set named first is heard', async () => {
    const { db, collection, store } = await openStore();
    const pairs = (count: number) =>
      Array.from({ length: count }, (_, index) => ({ query: `q${index % 7}`, itemId: `i${index}` }));
    await store.put(
      collection.id,
      { set: 'clicks', provenance: 'import:x' },
      pairs(6000).map((pair) => ({ ...pair, grade: 0.1 })),
    );
    await store.put(
      collection.id,
      anna,
      pairs(10).map((pair) => ({ ...pair, grade: 1 })),
    );
    await store.put(
      collection.id,
      { ...anna, set: 'others' },
      pairs(9000).map((pair) => ({ ...pair, grade: 2 })),
    );
    const merged = async (sets: string[]): Promise<number[]> => {
      const grades: number[] = [];
      for await (const page of mergedJudgments(db, collection.id, sets)) grades.push(...page.map(({ grade }) => grade));
      return grades.sort();
    };
    const preferred = await merged(['ratings', 'clicks']);
    expect(preferred).toHaveLength(6000);
    expect(preferred.filter((grade) => grade === 1)).toHaveLength(10);
    expect((await merged(['clicks', 'ratings'])).every((grade) => grade === 0.1)).toBe(true);
    expect(await merged(['nothing'])).toEqual([]);
  });

  it('are replaced as a whole or not at all', async () => {
    const { db, collection, store, grades } = await openStore();
    await store.put(collection.id, anna, [
      { query: 'x', itemId: 'a', grade: 1 },
      { query: 'y', itemId: 'a', grade: 1 },
    ]);
    const target = { set: 'ratings', provenance: 'clicks:naive', at: new Date() };
    const row = { queryKey: 'x', query: 'X', itemId: 'a', grade: 0.5, weight: 1, deviation: 0.1, support: 7 };
    await expect(replaceSet(db, collection.id, target, [row, { ...row, queryKey: 'a\u0000b' }])).rejects.toThrow();
    expect(await grades('ratings')).toHaveLength(2);
    await replaceSet(db, collection.id, target, [row]);
    expect((await store.list(collection.id, { limit: 10 })).judgments).toMatchObject([
      { ...row, provenance: 'clicks:naive' },
    ]);
  });

  it('come from a table of any length, whose bad lines are told and counted', async () => {
    const { collection, store } = await openStore();
    async function* lines() {
      yield Buffer.from('query\titem\tgrade\n');
      for (let part = 0; part < 50; part++)
        yield Buffer.from(
          Array.from({ length: 100 }, (_, line) => `q${part}\ti${line}\t${line === 50 ? 'bad' : 1}\t1\nhalf\n`).join(
            '',
          ),
        );
    }
    const taken = await store.import(collection.id, { set: 'table', provenance: 'import:file' }, lines());
    expect(taken).toMatchObject({ written: 4950, failed: 5050, unknownItems: 4950 });
    expect(taken.errors).toHaveLength(100);
    expect(taken.errors[0]).toEqual({
      line: 3,
      code: 'invalid_judgment',
      message: expect.stringContaining('1 column'),
    });
    expect(await store.sets(collection.id, '', 10)).toMatchObject([
      { judgments: 4950, queries: 50, provenance: ['import'] },
    ]);
  });

  it('go with their collection, and cannot be written to one that is gone', async () => {
    const { db, collections, collection, store } = await openStore();
    const judgments = [{ query: 'x', itemId: 'a', grade: 1 }];
    await store.put(collection.id, anna, judgments);
    await collections.delete(collection.name);
    expect(await codeOf(store.put(collection.id, anna, judgments))).toBe('collection_not_found');
    const { rows } = await sql`select 1 from judgments where collection_id = ${collection.id}`.execute(db);
    expect(rows).toEqual([]);
  });

  it('are written by many at once without harm', async () => {
    const { collection, store, grades } = await openStore();
    const judgments = Array.from({ length: 50 }, (_, index) => ({ query: 'x', itemId: `i${index}`, grade: 1 }));
    await Promise.all(
      Array.from({ length: 8 }, (_, writer) =>
        store.put(collection.id, anna, writer % 2 === 0 ? judgments : judgments.toReversed()),
      ),
    );
    expect(await grades('ratings')).toHaveLength(50);
  });
});
