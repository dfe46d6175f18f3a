import { expect, it } from 'vitest';
import { type EventInput, Events } from '../../../src/learning/feedback/events.ts';
import { FeedbackSettingsStore } from '../../../src/learning/feedback/feedback-settings-store.ts';
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
    const outcomes = new Map<string, number>();
    const settings = new FeedbackSettingsStore(database.db);
    const events = new Events({
      db: database.db,
      clock: { now: () => new Date(time.now) },
      flushSearches: () => log.flush(),
      settings,
      async onEvidence(evidence) {
        learned.push(...evidence.flatMap(({ queryKeys }) => queryKeys));
      },
      onOutcome: (outcome, count) => outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + count),
    });
    const show = (itemIds: string[], over: object = {}): string => {
      const shown = shownSearch(collection, itemIds, { at: new Date(time.now), ...over });
      log.record(shown);
      return shown.searchId;
    };
    const take = (searchId: string, itemId: string, over: Partial<EventInput> = {}) =>
      events.take([{ searchId, itemId, type: 'click', ...over }]);
    return { ...database, collection, settings, time, learned, outcomes, show, take };
  }

  it('are taken as long as their search is young, and refused with the reason afterwards', async () => {
    const { time, show, take } = await openEvents();
    const searchId = show(['a']);
    time.now += 29 * DAY;
    expect((await take(searchId, 'a')).accepted).toBe(1);
    time.now += 2 * DAY;
    expect((await take(searchId, 'a')).rejected).toEqual([
      { index: 0, code: 'too_old', message: expect.stringContaining('acceptDays, 30') },
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

  it('are stored together with what is to be learned from them, so that a process may die before it has learned', async () => {
    const { db, show, take } = await openEvents();
    const searchId = show(['a'], { queryText: 'Blue  Lamp', user: 'ann' });
    await take(searchId, 'a', { eventId: 'e' });
    expect(await db.selectFrom('memory_due').select('query_key').execute()).toEqual([{ query_key: 'blue lamp' }]);
    expect(await db.selectFrom('guard_due').select('client').execute()).toEqual([{ client: 'user ann' }]);
  });

  it('are passed on again when they are sent again, since whoever got no answer cannot know', async () => {
    const { learned, outcomes, show, take } = await openEvents();
    const searchId = show(['a'], { queryText: 'Blue  Lamp' });
    await take(searchId, 'a', { eventId: 'e' });
    expect(await take(searchId, 'a', { eventId: 'e' })).toEqual({ accepted: 0, duplicates: 1, rejected: [] });
    expect(learned).toEqual(['blue lamp', 'blue lamp']);
    expect(Object.fromEntries(outcomes)).toEqual({ accepted: 1, duplicate: 1 });
  });

  it('are of the types that the collection knows, its own among them', async () => {
    const { collection, settings, show, take } = await openEvents();
    const searchId = show(['a']);
    expect((await take(searchId, 'a', { type: 'share' })).rejected[0]?.code).toBe('unknown_type');
    await settings.patch(collection.id, { eventTypes: { share: { weight: 0.5 } } });
    expect((await take(searchId, 'a', { type: 'share' })).accepted).toBe(1);
    expect((await take(searchId, 'a', { type: 'constructor' })).rejected[0]?.code).toBe('unknown_type');
  });

  it('are evidence when their type says something of the item, and only where the query had words', async () => {
    const { learned, show, take } = await openEvents();
    await take(show(['a']), 'a', { type: 'impression' });
    await take(show(['a'], { queryText: null }), 'a');
    expect(learned).toEqual([]);
  });
});
