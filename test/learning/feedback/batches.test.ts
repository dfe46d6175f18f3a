import { expect, it } from 'vitest';
import { Events } from '../../../src/learning/feedback/events.ts';
import { FeedbackSettingsStore } from '../../../src/learning/feedback/feedback-settings-store.ts';
import { SearchLog } from '../../../src/learning/feedback/search-log.ts';
import { Batches } from '../../../src/learning/feedback/sessions/batches.ts';
import { SessionStore } from '../../../src/learning/feedback/sessions/session-store.ts';
import { Sessions } from '../../../src/learning/feedback/sessions/sessions.ts';
import { describeOnEveryDatabase } from '../../support/databases.ts';
import { freshName, openStudio } from '../../support/studio.ts';
import { shownSearch } from './shown.ts';

const HOUR = 3_600_000;

describeOnEveryDatabase('batches of sessions', (open) => {
  async function openBatches() {
    const database = await open();
    const { db } = database;
    const { collections } = await openStudio(database);
    const { collection } = await collections.put(freshName(), { fields: { name: { type: 'text', lexical: true } } });
    const settings = new FeedbackSettingsStore(db);
    const time = { now: Date.parse('2026-03-01T12:00:00Z') };
    const clock = { now: () => new Date(time.now) };
    const log = new SearchLog({ db, onLost: (_, error) => expect.unreachable(String(error)) });
    const sessions = new Sessions({ db, settings });
    const batches = new Batches({ db, clock, settings, sessions });
    const events = new Events({ db, clock, settings, flushSearches: () => log.flush(), onEvidence: async () => {} });
    const ask = async (user: string, queryText: string) => {
      const shown = shownSearch(collection, ['a', 'b'], { at: clock.now(), user, queryText });
      log.record(shown);
      await log.flush();
      return (itemId: string) => events.take([{ searchId: shown.searchId, itemId, type: 'click' }]);
    };
    const read = (batchId: string, after = 0, limit = 100) => batches.read(collection.id, batchId, after, limit);
    return { db, collection, time, sessions, store: new SessionStore(db, sessions), batches, ask, read };
  }

  it('hold every finished session once, and none that goes on or does not count', async () => {
    const { collection, time, store, batches, ask, read } = await openBatches();
    await (await ask('ann', 'lamp'))('a');
    await ask('bob', 'sofa');
    await ask('eve', 'test');
    const mistake = (await store.list(collection.id, { limit: 10 })).find(({ client }) => client === 'user eve');
    await store.mark(collection.id, mistake?.id ?? 0, { irrelevant: 'a colleague tried it' });
    time.now += HOUR;
    await ask('cid', 'chair');
    const first = await batches.release(collection.id, 'first');
    expect(first).toMatchObject({ created: true, batch: { sessions: 2, searches: 2, events: 1 } });
    time.now += HOUR;
    const second = await batches.release(collection.id, 'second');
    expect(second.batch.sessions).toBe(1);
    const clients = async (id: string) => (await read(id)).map(([search]) => search?.client).toSorted();
    expect(await clients(first.batch.id)).toEqual(['user ann', 'user bob']);
    expect(await clients(second.batch.id)).toEqual(['user cid']);
    expect((await batches.list(collection.id, null, 10)).map(({ key }) => key)).toEqual(['second', 'first']);
  });

  it('are the same batch when they are asked for again under the same key, also at the same time', async () => {
    const { collection, time, batches, ask } = await openBatches();
    for (const user of ['ann', 'bob']) await ask(user, 'lamp');
    time.now += HOUR;
    const released = await Promise.all([1, 2, 3].map(() => batches.release(collection.id, 'once')));
    expect(new Set(released.map(({ batch }) => batch.id)).size).toBe(1);
    expect(released.filter(({ created }) => created).length).toBe(1);
    await ask('cid', 'lamp');
    time.now += HOUR;
    expect((await batches.release(collection.id, 'once')).batch.sessions).toBe(2);
  });

  it('stay as they were: later clicks and searches are not in them', async () => {
    const { collection, time, batches, ask, read } = await openBatches();
    const click = await ask('ann', 'lamp');
    await click('a');
    time.now += HOUR;
    const { batch } = await batches.release(collection.id, 'frozen');
    const before = await read(batch.id);
    time.now += 1000;
    await click('b');
    await ask('ann', 'lamp');
    await batches.release(collection.id, 'another');
    expect(await read(batch.id)).toEqual(before);
    expect(before[0]?.[0]?.events.map(({ itemId }) => itemId)).toEqual(['a']);
  });

  it('are read page by page, each session once', async () => {
    const { collection, time, batches, ask, read } = await openBatches();
    for (let user = 0; user < 7; user++) await ask(`user ${user}`, 'lamp');
    time.now += HOUR;
    const { batch } = await batches.release(collection.id, 'pages');
    const seen: number[] = [];
    for (let after = 0; ; after = seen.at(-1) ?? 0) {
      const page = await read(batch.id, after, 3);
      if (page.length === 0) break;
      seen.push(...page.map(([search]) => search?.sessionId ?? 0));
    }
    expect([seen.length, new Set(seen).size]).toEqual([7, 7]);
    await expect(read('no id')).rejects.toThrow('has no batch');
  });
});
