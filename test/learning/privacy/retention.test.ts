import { sql } from 'kysely';
import { expect, it } from 'vitest';
import { newId } from '../../../src/foundation/core/ids.ts';
import type { Db } from '../../../src/foundation/database/tables.ts';
import { FeedbackSettingsStore } from '../../../src/learning/feedback/feedback-settings-store.ts';
import { SearchLog } from '../../../src/learning/feedback/search-log.ts';
import { Sessions } from '../../../src/learning/feedback/sessions/sessions.ts';
import { eraseUser } from '../../../src/learning/privacy/erase-user.ts';
import { Retention } from '../../../src/learning/privacy/retention.ts';
import { describeOnEveryDatabase } from '../../support/databases.ts';
import { freshName, openStudio } from '../../support/studio.ts';
import { shownSearch } from '../feedback/shown.ts';

const DAY = 86_400_000;
const NOW = Date.parse('2026-06-01T12:00:00Z');

describeOnEveryDatabase('what is kept for a while', (open) => {
  async function openRecord() {
    const { db, engine } = await open();
    const { collections } = await openStudio({ db, engine });
    const { collection } = await collections.put(freshName(), { fields: { name: { type: 'text', lexical: true } } });
    const time = { now: NOW };
    const clock = { now: () => new Date(time.now) };
    const settings = new FeedbackSettingsStore(db, clock);
    const log = new SearchLog({ db, onLost: (_, error) => expect.unreachable(String(error)) });
    const errors: unknown[] = [];
    const retention = new Retention({ db, clock, settings, onError: (error) => errors.push(error) });
    /** A search so many days ago, with a click, remembered. */
    const show = async (daysAgo: number, queryText: string, user: string): Promise<string> => {
      const at = new Date(NOW - daysAgo * DAY);
      const shown = shownSearch(collection, ['a', 'b'], { queryText, user, at });
      log.record(shown);
      await log.flush();
      await sql`insert into events (id, collection_id, search_id, item_id, type, position, user_id, at, received_at)
        values (${newId()}, ${collection.id}, ${shown.searchId}, 'a', 'click', 1, ${user}, ${at}, ${at})`.execute(db);
      await sql`insert into memory_queries (collection_id, query_key, text, cells, clicks, updated_at)
        values (${collection.id}, ${queryText}, ${queryText}, '{}', 1, ${at}) on conflict do nothing`.execute(db);
      await sql`insert into profiles (collection_id, user_id, due, embedding, evidence, items, updated_at)
        values (${collection.id}, ${user}, false, '[1]', 1, '[{"itemId": "a", "weight": 1}]', ${at}) on conflict do nothing`.execute(
        db,
      );
      return shown.searchId;
    };
    const sort = () => new Sessions({ db, settings }).refresh(collection.id);
    return { db, clock, time, collection, settings, log, retention, show, sort, errors };
  }

  const queriesOf = async (db: Db, table: string): Promise<unknown[]> => {
    const { rows } = await sql<{ query_key: string }>`
      select query_key from ${sql.table(table)} where query_key is not null order by query_key`.execute(db);
    return rows.map(({ query_key }) => query_key);
  };
  const countOf = async (db: Db, table: string): Promise<number> => {
    const { rows } = await sql<{ count: number }>`select count(*)::integer as count from ${sql.table(table)}`.execute(
      db,
    );
    return rows[0]?.count ?? -1;
  };

  it('goes with everything that belongs to it when its days are over, and not before', async () => {
    const { db, collection, settings, retention, time, show, sort } = await openRecord();
    await settings.patch(collection.id, { retentionDays: 10 });
    await show(11, 'old alone', 'u1');
    await show(11, 'old and new', 'u1');
    await show(9, 'old and new', 'u2');
    await show(1, 'new alone', 'u3');
    await sort();
    await sql`insert into feedback_batches (id, collection_id, key, sessions, searches, events, released_at)
      values (${newId()}, ${collection.id}, 'empty and old', 1, 1, 1, ${new Date(NOW - 11 * DAY)}),
        (${newId()}, ${collection.id}, 'empty and new', 0, 0, 0, ${new Date(NOW)})`.execute(db);

    expect(await retention.sweep()).toEqual({
      searches: 2,
      events: 2,
      sessions: 1,
      batches: 1,
      profiles: 1,
      memories: 1,
    });
    expect(await queriesOf(db, 'searches')).toEqual(['new alone', 'old and new']);
    expect(await queriesOf(db, 'memory_queries')).toEqual(['new alone', 'old and new']);
    // What was learned from a search that is gone is learned again.
    expect(await queriesOf(db, 'memory_due')).toEqual(['old and new']);
    expect([await countOf(db, 'events'), await countOf(db, 'sessions')]).toEqual([2, 2]);

    expect(await retention.sweep()).toEqual({
      searches: 0,
      events: 0,
      sessions: 0,
      batches: 0,
      profiles: 0,
      memories: 0,
    });
    time.now += 2 * DAY;
    expect(await retention.sweep()).toMatchObject({ searches: 1, events: 1, sessions: 1, memories: 1 });
    expect(await queriesOf(db, 'memory_due')).toEqual([]);
  });

  it('goes from the profile of a user who did something since, which is computed again from what remains', async () => {
    const { db, collection, settings, retention, show } = await openRecord();
    await settings.patch(collection.id, { retentionDays: 10 });
    await show(1, 'new', 'u1');
    await show(1, 'new', 'u2');
    await show(11, 'old', 'u1');
    await show(11, 'old', 'u3');
    expect(await retention.sweep()).toMatchObject({ searches: 2, profiles: 1 });
    const { rows } = await sql`select user_id, due, embedding is null as empty, items from profiles order by 1`.execute(
      db,
    );
    expect(rows).toEqual([
      { user_id: 'u1', due: true, empty: true, items: [] },
      { user_id: 'u2', due: false, empty: false, items: [{ itemId: 'a', weight: 1 }] },
    ]);
  });

  it('stays for ever where retentionDays is null', async () => {
    const { db, collection, settings, retention, show } = await openRecord();
    await settings.patch(collection.id, { retentionDays: null });
    await show(9999, 'very old', 'u1');
    await retention.sweep();
    expect(await queriesOf(db, 'searches')).toEqual(['very old']);
  });

  it('is swept when it starts, and by one process at a time', async () => {
    const { db, collection, settings, retention, show, errors } = await openRecord();
    await settings.patch(collection.id, { retentionDays: 10 });
    await show(20, 'old', 'u1');
    retention.start();
    await retention.close();
    // Closing waits for the chunk in hand; a sweep that had not begun has nothing to do any more.
    const reopened = new Retention({
      db,
      clock: { now: () => new Date(NOW) },
      settings,
      onError: (error) => errors.push(error),
    });
    const both = await Promise.all([reopened.sweep(), reopened.sweep()]);
    expect(both.reduce((sum, { searches }) => sum + searches, 0)).toBeLessThanOrEqual(1);
    expect([await queriesOf(db, 'searches'), errors]).toEqual([[], []]);
  });

  it('is deleted in chunks, by erasure as by the sweep', async () => {
    const { db, clock, collection, settings, log, retention } = await openRecord();
    await settings.patch(collection.id, { retentionDays: 10 });
    const record = (count: number, user: string, daysAgo: number) => {
      for (let i = 0; i < count; i++) {
        const at = new Date(NOW - daysAgo * DAY + i);
        log.record(shownSearch(collection, ['a'], { queryText: `${user} ${i % 7}`, user, at }));
      }
    };
    record(450, 'erased', 1);
    record(1100, 'expired', 11);
    record(3, 'stays', 1);
    await log.flush();
    expect(await retention.sweep()).toMatchObject({ searches: 1100 });
    const receipt = await eraseUser(
      {
        db,
        clock,
        flushSearches: () => log.flush(),
        learn: async () => {},
        lineages: async () => [],
        eraseSnapshots: async () => [],
      },
      'erased',
    );
    expect(receipt.collections).toMatchObject([{ searches: 450 }]);
    expect(await queriesOf(db, 'searches')).toEqual(['stays 0', 'stays 1', 'stays 2']);
  });
});
