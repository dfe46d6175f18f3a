import { expect, it } from 'vitest';
import { SearchLog } from '../../../src/learning/feedback/search-log.ts';
import { NO_SPREAD } from '../../../src/learning/improvement/click-spread.ts';
import { FeedbackMemory, type MemoryExplanation } from '../../../src/learning/improvement/feedback-memory.ts';
import { writeMemories } from '../../../src/learning/improvement/learning-queries.ts';
import { askedByEnough } from '../../../src/learning/privacy/anonymity.ts';
import { DEFAULT_RANKING } from '../../../src/serving/collections/defaults.ts';
import { describeOnEveryDatabase } from '../../support/databases.ts';
import { freshName, openStudio } from '../../support/studio.ts';
import { shownSearch } from '../feedback/shown.ts';

const ANONYMITY = 3;

describeOnEveryDatabase('a query that few have asked', (open) => {
  async function openMemory() {
    const database = await open();
    const { db } = database;
    const { collections } = await openStudio(database);
    const { collection } = await collections.put(freshName(), { fields: { name: { type: 'text', lexical: true } } });
    const log = new SearchLog({ db, onLost: (_, error) => expect.unreachable(String(error)) });
    const memory = new FeedbackMemory({
      db,
      clock: { now: () => new Date() },
      settingsOf: async () => DEFAULT_RANKING.memory,
      anonymityOf: async () => ANONYMITY,
      eventTypesOf: async () => ({ click: { weight: 1 } }),
      encodeQueries: async () => new Map(),
    });
    /** Asked by these, and remembered. */
    const ask = async (queryText: string, who: ReadonlyArray<{ user?: string; session?: string }>) => {
      for (const over of who) log.record(shownSearch(collection, ['a'], { queryText, ...over }));
      await log.flush();
      const vector = Float32Array.of(1, queryText.length / 100);
      const cells = { a: { clicks: 1, expected: 0.5 } };
      await writeMemories(
        db,
        collection.id,
        [{ queryKey: queryText, space: 'words', vector, cells, spread: NO_SPREAD }],
        new Date(),
      );
    };
    return { db, collection, memory, ask };
  }
  const users = (...names: string[]) => names.map((user) => ({ user }));

  it('is told by different clients, not by searches', async () => {
    const { db, collection, ask } = await openMemory();
    await ask('again and again', users('u', 'u', 'u', 'u'));
    await ask('three users', users('u', 'v', 'w'));
    await ask('users and sessions', [{ user: 'u', session: 's' }, { session: 's' }, { session: 't' }]);
    const keys = ['again and again', 'three users', 'users and sessions', 'never asked'];
    expect([...(await askedByEnough(db, collection.id, keys, ANONYMITY))].sort()).toEqual([
      'three users',
      'users and sessions',
    ]);
    expect((await askedByEnough(db, collection.id, keys, 1)).size).toBe(4);
    expect((await askedByEnough(db, collection.id + 1, keys, 2)).size).toBe(0);
  });

  it('is counted in the list of memory and never named, not even by a cursor', async () => {
    const { collection, memory, ask } = await openMemory();
    for (const key of ['a private', 'c private', 'e private']) await ask(key, users('u'));
    for (const key of ['b common', 'd common']) await ask(key, users('u', 'v', 'w'));
    const first = await memory.page(collection.id, null, 1);
    expect(first).toMatchObject({ queries: [{ text: 'b common' }], hidden: 1, nextAfter: 'b common' });
    const second = await memory.page(collection.id, first.nextAfter, 1);
    expect(second).toMatchObject({ queries: [{ text: 'd common' }], hidden: 2, nextAfter: null });
  });

  it('is forgotten by whoever learns it after its searches are gone', async () => {
    const { db, collection, memory, ask } = await openMemory();
    await ask('erased meanwhile', users('u'));
    await ask('still asked', users('u'));
    await db.deleteFrom('searches').where('query_key', '=', 'erased meanwhile').execute();
    await memory.learn(collection.id, ['erased meanwhile', 'still asked']);
    const left = await db.selectFrom('memory_queries').select('query_key').execute();
    expect(left).toEqual([{ query_key: 'still asked' }]);
  });

  it('moves items of a near query and is not named in the explanation; the asked query is', async () => {
    const { collection, memory, ask } = await openMemory();
    await ask('my own', users('u'));
    await ask('private', users('v'));
    await ask('common', users('u', 'v', 'w'));
    const explained = async (explain: boolean) => {
      const scores = await memory.score({
        collectionId: collection.id,
        queryText: 'My own',
        queryVector: { space: 'words', vector: Float32Array.of(1, 0.06) },
        user: null,
        settings: DEFAULT_RANKING,
        explain,
      });
      const { from } = scores.get('a')?.why as MemoryExplanation;
      return from.map(({ query }) => query).sort();
    };
    expect(await explained(true)).toEqual(['common', 'my own', null]);
    expect(await explained(false)).toEqual([null, null, null]);
  });
});
