import { sql } from 'kysely';
import { expect, it } from 'vitest';
import { FeedbackSettingsStore } from '../../../src/learning/feedback/feedback-settings-store.ts';
import { SearchLog } from '../../../src/learning/feedback/search-log.ts';
import { type LoggedSearch, readLog } from '../../../src/learning/feedback/sessions/read-log.ts';
import { Sessions } from '../../../src/learning/feedback/sessions/sessions.ts';
import { describeOnEveryDatabase } from '../../support/databases.ts';
import { freshName, openStudio } from '../../support/studio.ts';
import { shownSearch } from './shown.ts';

const MINUTE = 60_000;
const start = Date.parse('2026-03-01T12:00:00Z');

describeOnEveryDatabase('sessions', (open) => {
  async function openSessions() {
    const database = await open();
    const { db } = database;
    const { collections } = await openStudio(database);
    const { collection } = await collections.put(freshName(), { fields: { name: { type: 'text', lexical: true } } });
    const log = new SearchLog({ db, onLost: (_, error) => expect.unreachable(String(error)) });
    const sessions = new Sessions({ db, settings: new FeedbackSettingsStore(db) });
    const ask = async (minutes: number, queryText: string, who: { user?: string; session?: string } = {}) => {
      const shown = shownSearch(collection, ['a', 'b'], {
        at: new Date(start + minutes * MINUTE),
        queryText,
        request: { query: [{ text: queryText }] },
        ...who,
      });
      log.record(shown);
      await log.flush();
      return shown.searchId;
    };
    const read = async (options: Parameters<typeof readLog>[2] = {}) => {
      const found: Array<readonly LoggedSearch[]> = [];
      for await (const session of readLog(db, collection.id, options)) found.push(session);
      return found;
    };
    const texts = async (options: Parameters<typeof readLog>[2] = {}) =>
      (await read(options)).map((session) => session.map(({ query }) => query));
    return { db, collection, sessions, ask, read, texts };
  }

  it('are the searches of one client without a long pause', async () => {
    const { collection, sessions, ask, texts } = await openSessions();
    await ask(0, 'Lamp', { user: 'ann' });
    await ask(1, 'sofa', { user: 'bob' });
    await ask(29, 'red lamp', { user: 'ann' });
    await ask(60, 'chair', { user: 'ann' });
    await ask(60, 'nobody');
    await ask(60, 'nobody else');
    expect(await sessions.refresh(collection.id)).toBe(6);
    expect((await texts()).toSorted()).toEqual([
      ['Lamp', 'red lamp'],
      ['chair'],
      ['nobody'],
      ['nobody else'],
      ['sofa'],
    ]);
  });

  it('grow with what comes later, and a late search joins the one that it lies in', async () => {
    const { collection, sessions, ask, texts } = await openSessions();
    await ask(0, 'one', { session: 's' });
    await sessions.refresh(collection.id);
    await ask(20, 'two', { session: 's' });
    await ask(100, 'four', { session: 's' });
    expect(await sessions.refresh(collection.id)).toBe(2);
    await ask(40, 'three', { session: 's' });
    await sessions.refresh(collection.id);
    expect(await texts()).toEqual([['one', 'two', 'three'], ['four']]);
    expect(await sessions.refresh(collection.id)).toBe(0);
  });

  it('come out the same when two processes sort the same searches at once', async () => {
    const { db, collection, sessions, ask } = await openSessions();
    for (let minute = 0; minute < 30; minute++) await ask(minute, `query ${minute}`, { user: `user ${minute % 3}` });
    const other = new Sessions({ db, settings: new FeedbackSettingsStore(db) });
    const sorted = await Promise.all([sessions.refresh(collection.id), other.refresh(collection.id)]);
    expect(sorted[0] + sorted[1]).toBe(30);
    const { rows } = await sql<{ searches: number }>`
      select searches from sessions where collection_id = ${collection.id}`.execute(db);
    expect(rows.map(({ searches }) => searches)).toEqual([10, 10, 10]);
  });

  it('are read with intents: what was typed on the way to a query is superseded', async () => {
    const { collection, sessions, ask, read } = await openSessions();
    await ask(0, 're', { user: 'ann' });
    await ask(0.02, 'red sh', { user: 'ann' });
    await ask(0.04, 'red shoes', { user: 'ann' });
    await ask(2, 'red running shoes', { user: 'ann' });
    await ask(3, 'tent', { user: 'ann' });
    await sessions.refresh(collection.id);
    const [session] = await read();
    expect(session?.map(({ intent, superseded }) => [intent, superseded])).toEqual([
      [0, true],
      [0, true],
      [0, false],
      [0, false],
      [1, false],
    ]);
  });

  it('are left out when they were set aside or called irrelevant, unless asked for', async () => {
    const { db, collection, sessions, ask, texts } = await openSessions();
    await ask(0, 'robot', { user: 'r' });
    await ask(0, 'mistake', { user: 'm' });
    await ask(0, 'shopper', { user: 's' });
    await sessions.refresh(collection.id);
    await sql`update sessions set set_aside = '[]' where client = 'user r' and collection_id = ${collection.id}`.execute(
      db,
    );
    await sql`update sessions set irrelevant = 'a test' where client = 'user m' and collection_id = ${collection.id}`.execute(
      db,
    );
    expect(await texts()).toEqual([['shopper']]);
    expect((await texts({ setAside: 'included' })).length).toBe(3);
  });

  it('are read within a span of time', async () => {
    const { collection, sessions, ask, texts } = await openSessions();
    await ask(0, 'early', { user: 'ann' });
    await ask(20, 'later', { user: 'ann' });
    await ask(90, 'last', { user: 'ann' });
    await sessions.refresh(collection.id);
    const at = (minutes: number) => new Date(start + minutes * MINUTE);
    expect(await texts({ from: at(10), to: at(60) })).toEqual([['later']]);
  });
});
