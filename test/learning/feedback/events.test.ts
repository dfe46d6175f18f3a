import { expect, it } from 'vitest';
import { type EventInput, Events } from '../../../src/learning/feedback/events.ts';
import { SearchLog } from '../../../src/learning/feedback/search-log.ts';
import { describeOnEveryDatabase } from '../../support/databases.ts';
import { freshName, openStudio } from '../../support/studio.ts';
import { shownSearch } from './shown.ts';

const DAY = 86_400_000;

describeOnEveryDatabase('events', (open) => {
  async function openEvents() {
    const database = await open();
    const { collections } = await openStudio(database);
    const { collection } = await collections.put(freshName(), { fields: { name: { type: 'text', lexical: true } } });
    const log = new SearchLog({ db: database.db, onLost: (_, error) => expect.unreachable(String(error)) });
    const time = { now: Date.now() };
    const learned: string[] = [];
    const learning = { fails: false };
    const events = new Events({
      db: database.db,
      clock: { now: () => new Date(time.now) },
      flushSearches: () => log.flush(),
      async onEvidence(_, queryKeys) {
        if (learning.fails) throw new Error('learning is away');
        learned.push(...queryKeys);
      },
    });
    const show = (itemIds: string[], over: object = {}): string => {
      const shown = shownSearch(collection, itemIds, { at: new Date(time.now), ...over });
      log.record(shown);
      return shown.searchId;
    };
    const take = (searchId: string, itemId: string, over: Partial<EventInput> = {}) =>
      events.take([{ searchId, itemId, type: 'click', ...over }]);
    return { ...database, time, learned, learning, show, take };
  }

  it('are taken as long as their search is young, and refused with the reason afterwards', async () => {
    const { time, show, take } = await openEvents();
    const searchId = show(['a']);
    time.now += 29 * DAY;
    expect((await take(searchId, 'a')).accepted).toBe(1);
    time.now += 2 * DAY;
    expect((await take(searchId, 'a')).rejected).toEqual([
      { index: 0, code: 'too_old', message: expect.stringContaining('30 days') },
    ]);
  });

  it('are stored with the position where the item was shown', async () => {
    const { db, show, take } = await openEvents();
    const searchId = show(['a', 'b', 'c'], { firstPosition: 11 });
    await take(searchId, 'c');
    expect(await db.selectFrom('events').select(['item_id', 'position']).execute()).toEqual([
      { item_id: 'c', position: 13 },
    ]);
  });

  it('are learned from when they are sent again after learning failed', async () => {
    const { learned, learning, show, take } = await openEvents();
    const searchId = show(['a'], { queryText: 'Blue  Lamp' });
    learning.fails = true;
    await expect(take(searchId, 'a', { eventId: 'e' })).rejects.toThrow('learning is away');
    learning.fails = false;
    expect(await take(searchId, 'a', { eventId: 'e' })).toEqual({ accepted: 0, duplicates: 1, rejected: [] });
    expect(learned).toEqual(['blue lamp']);
  });

  it('teach memory by clicks alone, and only where the query had words', async () => {
    const { learned, show, take } = await openEvents();
    await take(show(['a']), 'a', { type: 'impression' });
    await take(show(['a'], { queryText: null }), 'a');
    expect(learned).toEqual([]);
  });
});
