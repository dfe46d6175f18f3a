import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { Events } from '../../../../src/learning/feedback/events.ts';
import { FeedbackSettingsStore } from '../../../../src/learning/feedback/feedback-settings-store.ts';
import { ForeignFeedback } from '../../../../src/learning/feedback/foreign/foreign-feedback.ts';
import { describeOnEveryDatabase } from '../../../support/databases.ts';
import { describeWithShared } from '../../../support/shared.ts';
import { freshName, openStudio, sharedBetweenTests } from '../../../support/studio.ts';

const NOW = new Date('2026-03-01T12:00:00Z');
const AT = '2026-03-01T11:00:00Z';

describeOnEveryDatabase('what other systems record', (openFresh) => {
  const open = sharedBetweenTests(openFresh);
  async function openForeign(now = NOW) {
    const database = await open();
    const { collections } = await openStudio(database);
    const put = async () =>
      (await collections.put(freshName(), { fields: { name: { type: 'text', lexical: true } } })).collection;
    const clock = { now: () => now };
    const settings = new FeedbackSettingsStore(database.db, clock);
    const learned: string[] = [];
    const events = new Events({
      db: database.db,
      clock,
      flushSearches: async () => {},
      settings,
      onEvidence: async (evidence) => void learned.push(...evidence.flatMap(({ queryKeys }) => queryKeys)),
    });
    const foreign = new ForeignFeedback({
      db: database.db,
      clock,
      flushSearches: async () => {},
      events,
      settings,
    });
    return { ...database, settings, foreign, learned, put, collection: await put() };
  }
  const query = (over: object = {}) => ({
    query_id: 'q-1',
    user_query: 'Oak  table',
    client_id: 'browser-1',
    timestamp: AT,
    query_response_hit_ids: ['a', 'b', 'c'],
    ...over,
  });
  const event = (object_id: string, over: object = {}) => ({
    action_name: 'click',
    query_id: 'q-1',
    timestamp: AT,
    event_attributes: { object: { object_id } },
    ...over,
  });

  it('becomes searches and events of the one log, with the positions where the items stood', async () => {
    const { db, foreign, learned, collection } = await openForeign();
    const taken = await foreign.takeUbi(collection, { queries: [query()], events: [event('c')] });
    expect(taken).toEqual({ searches: 1, accepted: 1, duplicates: 0, rejected: [] });
    const ofCollection = (table: 'searches' | 'events') =>
      db.selectFrom(table).selectAll().where('collection_id', '=', collection.id).executeTakeFirstOrThrow();
    expect(await ofCollection('searches')).toMatchObject({
      query_key: 'oak table',
      client: 'session browser-1',
      item_ids: ['a', 'b', 'c'],
      release_id: collection.liveReleaseId,
      request: { query: [{ text: 'Oak  table' }], source: 'ubi' },
      at: new Date(AT),
    });
    expect(await ofCollection('events')).toMatchObject({ item_id: 'c', type: 'click', position: 3, at: new Date(AT) });
    expect(learned).toEqual(['oak table']);
  });

  it('counts once when it is sent again, and later events find their search', async () => {
    const { foreign, collection } = await openForeign();
    const documents = { queries: [query()], events: [event('a'), event('a')] };
    expect(await foreign.takeUbi(collection, documents)).toMatchObject({ searches: 1, accepted: 1, duplicates: 1 });
    expect(await foreign.takeUbi(collection, documents)).toMatchObject({ searches: 0, accepted: 0, duplicates: 2 });
    expect(await foreign.takeUbi(collection, { queries: [], events: [event('b')] })).toMatchObject({ accepted: 1 });
  });

  it('is refused one by one, with list, place and reason', async () => {
    const { foreign, collection } = await openForeign();
    const { rejected, ...counts } = await foreign.takeUbi(collection, {
      queries: [
        query(),
        { user_query: 'no id' },
        query({ query_id: 'old', timestamp: '2025-12-01T00:00:00Z' }),
        query({ query_id: 'new', timestamp: '2026-04-01T00:00:00Z' }),
      ],
      events: [
        event('a'),
        event('z'),
        event('a', { action_name: 'page_exit' }),
        event('a', { query_id: 'never' }),
        event('a', { timestamp: '2026-02-28T00:00:00Z' }),
      ],
    });
    expect(counts).toEqual({ searches: 1, accepted: 1, duplicates: 0 });
    expect(rejected.map((one) => [one.of, one.index, one.code])).toEqual([
      ['queries', 1, 'malformed'],
      ['queries', 2, 'too_old'],
      ['queries', 3, 'in_the_future'],
      ['events', 1, 'item_not_shown'],
      ['events', 2, 'unknown_type'],
      ['events', 3, 'unknown_search'],
      ['events', 4, 'before_the_search'],
    ]);
    for (const { message } of rejected) expect(message).toMatch(/\.$/);
  });

  it("never reaches another collection's searches", async () => {
    const { foreign, collection, put } = await openForeign();
    const query_id = crypto.randomUUID();
    await foreign.takeUbi(collection, { queries: [query({ query_id })], events: [] });
    const { searches, accepted, rejected } = await foreign.takeUbi(await put(), {
      queries: [query({ query_id })],
      events: [event('a', { query_id })],
    });
    expect([searches, accepted]).toEqual([0, 0]);
    expect(rejected.map((one) => [one.of, one.code])).toEqual([
      ['queries', 'unknown_search'],
      ['events', 'unknown_search'],
    ]);
  });

  it('in the shape of the Insights API is taken by its searchId, object by object', async () => {
    const { db, foreign, collection } = await openForeign();
    const queryID = crypto.randomUUID();
    await foreign.takeUbi(collection, { queries: [query({ query_id: queryID })], events: [] });
    const insight = (objectIDs: string[]) => ({
      eventType: 'click',
      eventName: 'Clicked',
      index: 'anything',
      userToken: 'browser-1',
      queryID: queryID.replaceAll('-', ''),
      objectIDs,
      timestamp: Date.parse(AT),
    });
    const taken = await foreign.takeAlgolia([insight(['b', 'z']), { eventType: 'tap' }, insight(['c'])]);
    expect([taken.accepted, taken.rejected.map((one) => [one.index, one.code])]).toEqual([
      2,
      [
        [0, 'item_not_shown'],
        [1, 'unknown_type'],
      ],
    ]);
    expect(await foreign.takeAlgolia([insight(['b'])])).toEqual({ accepted: 0, duplicates: 1, rejected: [] });
    const rows = await db
      .selectFrom('events')
      .select(['item_id', 'position'])
      .where('search_id', '=', queryID)
      .execute();
    expect(rows.sort((left, right) => left.position - right.position)).toEqual([
      { item_id: 'b', position: 2 },
      { item_id: 'c', position: 3 },
    ]);
  });

  describeWithShared('the User Behavior Insights sample', (folder) => {
    const linesOf = (name: string): Array<{ query_id: string }> =>
      gunzipSync(readFileSync(join(folder, 'data', 'esci', name)))
        .toString('utf8')
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line));

    it('is imported, each document taken or refused with a reason, and twice is once', {
      timeout: 120_000,
    }, async () => {
      const queries = linesOf('ubi_queries.json.gz');
      const events = linesOf('ubi_events.json.gz');
      const { db, settings, foreign, collection } = await openForeign(new Date('2025-04-01T00:00:00Z'));
      await settings.patch(collection.id, { acceptDays: 365 });
      const first = await foreign.takeUbi(collection, { queries, events });
      const refusedEvents = first.rejected.filter((one) => one.of === 'events');
      expect(first.accepted + first.duplicates + refusedEvents.length).toBe(events.length);
      const codes = refusedEvents.map(({ code }) => code);
      expect([...new Set(codes)].sort()).toEqual([
        'before_the_search',
        'item_not_shown',
        'unknown_search',
        'unknown_type',
      ]);
      expect(first.searches).toBe(new Set(queries.map((query) => query.query_id)).size);
      expect(first.accepted).toBeGreaterThan(2000);
      const again = await foreign.takeUbi(collection, { queries, events });
      expect([again.searches, again.accepted]).toEqual([0, 0]);
      const { stored } = await db
        .selectFrom('events')
        .select((by) => by.fn.countAll().as('stored'))
        .where('collection_id', '=', collection.id)
        .executeTakeFirstOrThrow();
      expect(Number(stored)).toBe(first.accepted);
    });
  });
});
