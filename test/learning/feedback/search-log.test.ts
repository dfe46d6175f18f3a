import { expect, it } from 'vitest';
import { SearchLog } from '../../../src/learning/feedback/search-log.ts';
import { describeOnEveryDatabase } from '../../support/databases.ts';
import { freshName, openStudio } from '../../support/studio.ts';
import { shownSearch } from './shown.ts';

describeOnEveryDatabase('the record of searches', (open) => {
  async function openLog(options: { readonly maxWaiting?: number } = {}) {
    const { engine, db } = await open();
    const { collections } = await openStudio({ engine, db });
    const { collection } = await collections.put(freshName(), { fields: { name: { type: 'text', lexical: true } } });
    const lost: Array<{ readonly count: number; readonly error: unknown }> = [];
    const log = new SearchLog({ db, onLost: (count, error) => lost.push({ count, error }), ...options });
    const count = async () => (await db.selectFrom('searches').select('id').execute()).length;
    return { engine, db, collection, log, lost, count };
  }

  it('shows a search to whoever asks right after it was recorded', async () => {
    const { collection, log } = await openLog();
    const shown = shownSearch(collection, ['a', 'b']);
    log.record(shown);
    expect(await log.shown(shown.searchId)).toEqual({ collectionId: collection.id, itemIds: ['a', 'b'] });
  });

  it('appends a later page once, however often it is asked for', async () => {
    const { collection, log } = await openLog();
    const first = shownSearch(collection, ['a', 'b']);
    const second = { ...first, itemIds: ['c'], scores: [0], propensities: [1], firstPosition: 3, continues: true };
    log.record(first);
    log.record(second);
    log.record(second);
    expect((await log.shown(first.searchId))?.itemIds).toEqual(['a', 'b', 'c']);
  });

  it('loses a search that cannot be stored, and none of those that wait beside it', async () => {
    const { collection, log, lost, count } = await openLog();
    for (let i = 0; i < 9; i++) log.record(shownSearch(collection, ['a'], i === 4 ? { session: '\u0000' } : {}));
    await log.flush();
    expect(await count()).toBe(8);
    expect(lost.map(({ count: number }) => number)).toEqual([1]);
  });

  it('forgets the searches of a collection that is gone', async () => {
    const { collection, log, lost, count } = await openLog();
    log.record(shownSearch({ ...collection, id: collection.id + 1000 }, ['a']));
    log.record(shownSearch(collection, ['a']));
    await log.flush();
    expect([await count(), lost]).toEqual([1, []]);
  });

  it('keeps a bounded number waiting while the database takes its time, and says how many it gave up', async () => {
    const { engine, db, collection, log, lost, count } = await openLog({ maxWaiting: 20 });
    const holder = await engine.acquire();
    await holder.query('begin');
    await holder.query('lock table searches in access exclusive mode');
    for (let round = 0; round < 5; round++) {
      for (let i = 0; i < 20; i++) log.record(shownSearch(collection, ['a']));
      void log.flush();
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await holder.query('rollback');
    holder.release();
    await log.flush();
    // The group that was being written when the waiting began, and one full buffer.
    expect(await count()).toBe(40);
    expect(lost).toHaveLength(60);
    expect(await db.selectFrom('collections').select('id').execute()).toHaveLength(1);
  });
});
