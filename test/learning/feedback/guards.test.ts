import { expect, it } from 'vitest';
import { Events } from '../../../src/learning/feedback/events.ts';
import { Evidence } from '../../../src/learning/feedback/evidence.ts';
import { FeedbackSettingsStore } from '../../../src/learning/feedback/feedback-settings-store.ts';
import { Guards } from '../../../src/learning/feedback/guards/guards.ts';
import { SearchLog } from '../../../src/learning/feedback/search-log.ts';
import { Sessions } from '../../../src/learning/feedback/sessions/sessions.ts';
import { readShowingsOf } from '../../../src/learning/improvement/learning-queries.ts';
import { describeOnEveryDatabase } from '../../support/databases.ts';
import { freshName, openStudio } from '../../support/studio.ts';
import { shownSearch } from './shown.ts';

const ITEMS = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];

describeOnEveryDatabase('guards', (open) => {
  async function openGuards() {
    const database = await open();
    const { db } = database;
    const { collections } = await openStudio(database);
    const { collection } = await collections.put(freshName(), { fields: { name: { type: 'text', lexical: true } } });
    const settings = new FeedbackSettingsStore(db);
    const log = new SearchLog({ db, onLost: (_, error) => expect.unreachable(String(error)) });
    const time = { now: Date.now() };
    const clock = { now: () => new Date(time.now) };
    const guards = new Guards({ db, clock, settings });
    const learned: string[] = [];
    const learning = { fails: false };
    const errors: unknown[] = [];
    const evidence = new Evidence({
      db,
      sessions: new Sessions({ db, settings }),
      guards,
      async learn(_, queryKeys) {
        if (learning.fails) throw new Error('learning is away');
        learned.push(...queryKeys);
        await db
          .deleteFrom('memory_due')
          .where('query_key', 'in', [...queryKeys])
          .execute();
      },
      onError: (error) => errors.push(error),
    });
    const events = new Events({
      db,
      clock,
      settings,
      flushSearches: () => log.flush(),
      onEvidence: (fresh) => evidence.take(fresh),
    });
    /** Searches and clicks, one click a second. */
    const visit = async (user: string, queryText: string, clicked: readonly string[]) => {
      const shown = shownSearch(collection, ITEMS, { at: clock.now(), user, queryText });
      log.record(shown);
      await events.take(
        clicked.map((itemId, index) => ({
          searchId: shown.searchId,
          itemId,
          type: 'click',
          at: new Date(time.now + (index + 1) * 1000).toISOString(),
        })),
      );
    };
    const setAside = async () => {
      const rows = await db.selectFrom('sessions').select(['client', 'set_aside']).orderBy('id').execute();
      return rows.flatMap((row) =>
        row.set_aside === null ? [] : [[row.client, row.set_aside.map(({ code }) => code)]],
      );
    };
    return { db, collection, settings, time, guards, evidence, learned, learning, errors, visit, setAside };
  }

  it('set a robot aside with the reason, and what it clicked before is learned again without it', async () => {
    const { db, collection, learned, visit, setAside } = await openGuards();
    await visit('ann', 'lamp', ['b']);
    await visit('robot', 'lamp', ITEMS);
    expect(await setAside()).toEqual([]);
    await visit('robot', 'sofa', ITEMS);
    expect(await setAside()).toEqual([['user robot', ['clicks_everything']]]);
    const showings = await readShowingsOf(db, collection.id, ['lamp'], 10);
    expect(showings.map(({ client }) => client)).toEqual(['user ann']);
    const due = await db.selectFrom('memory_due').select('query_key').orderBy('query_key').execute();
    expect(due.map(({ query_key }) => query_key)).toEqual(['lamp']);
    expect(learned).toEqual(['lamp', 'lamp', 'sofa']);
  });

  it('let a person have the last word', async () => {
    const { db, visit, setAside } = await openGuards();
    for (const query of ['lamp', 'sofa']) await visit('tester', query, ITEMS);
    await db.updateTable('sessions').set({ cleared: true, set_aside: null }).execute();
    await visit('tester', 'chair', ITEMS);
    expect(await setAside()).toEqual([]);
  });

  it('look at nothing where they are switched off', async () => {
    const { collection, settings, visit, setAside } = await openGuards();
    await settings.patch(collection.id, { guards: { enabled: false } });
    for (const query of ['lamp', 'sofa', 'chair']) await visit('robot', query, ITEMS);
    expect(await setAside()).toEqual([]);
  });

  it('set a click farm aside, and leave those alone who like the same item and others', async () => {
    const { collection, guards, time, visit, setAside } = await openGuards();
    for (let shopper = 0; shopper < 20; shopper++) {
      for (const query of ['lamp', 'sofa'])
        await visit(`shopper ${shopper}`, query, [ITEMS[shopper % 8] as string, 'h']);
      time.now += 1000;
    }
    for (let fake = 0; fake < 40; fake++) await visit(`fake ${fake}`, 'lamp', ['g']);
    expect(await guards.inspectFarms(collection.id)).toBe(40);
    const aside = await setAside();
    expect(aside.length).toBe(40);
    expect(aside.every(([client]) => String(client).startsWith('user fake'))).toBe(true);
    await guards.inspect(collection.id);
    expect((await setAside()).length).toBe(40);
    // Whoever comes later for the same is one more of them, not the first of a new crowd.
    await visit('fake 40', 'lamp', ['g']);
    await guards.inspectFarms(collection.id);
    expect((await setAside()).length).toBe(41);
  });

  it('leave what could not be learned to the background, which tries it again', async () => {
    const { evidence, learned, learning, errors, visit } = await openGuards();
    learning.fails = true;
    await visit('ann', 'lamp', ['b']);
    expect([learned, errors.length]).toEqual([[], 1]);
    learning.fails = false;
    await evidence.settle();
    expect(learned).toEqual(['lamp']);
    await evidence.settle();
    expect(learned).toEqual(['lamp']);
    await evidence.close();
  });
});
