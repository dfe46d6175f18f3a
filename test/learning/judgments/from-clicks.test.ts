import { sql } from 'kysely';
import { expect, it } from 'vitest';
import { StudioError } from '../../../src/foundation/core/errors.ts';
import { createRandom } from '../../../src/foundation/core/random.ts';
import type { RunProgress } from '../../../src/foundation/jobs/run.ts';
import { look } from '../../../src/learning/evaluation/simulator/behaviour.ts';
import { FeedbackSettingsStore } from '../../../src/learning/feedback/feedback-settings-store.ts';
import { SearchLog } from '../../../src/learning/feedback/search-log.ts';
import { Sessions } from '../../../src/learning/feedback/sessions/sessions.ts';
import {
  type FromClicksInput,
  judgmentsFromClicks,
} from '../../../src/learning/judgments/from-clicks/judgments-from-clicks.ts';
import { JudgmentStore } from '../../../src/learning/judgments/judgment-store.ts';
import { describeOnEveryDatabase } from '../../support/databases.ts';
import { simulateSessions } from '../../support/simulated-sessions.ts';
import { freshName, openStudio, sharedBetweenTests } from '../../support/studio.ts';
import { shownSearch } from '../feedback/shown.ts';

const DAY = 86_400_000;
const NOW = Date.parse('2026-03-01T12:00:00Z');
const ITEMS = ['a', 'b', 'c', 'd'];

interface Showing {
  readonly query?: string;
  readonly items?: readonly string[];
  readonly user?: string;
  readonly at?: number;
  readonly events?: ReadonlyArray<readonly [itemId: string, type: string]>;
}

describeOnEveryDatabase('judgments from clicks', (open) => {
  const database = sharedBetweenTests(open);
  async function openLog() {
    const { engine, db } = await database();
    const clock = { now: () => new Date(NOW) };
    const { collections } = await openStudio({ engine, db });
    const { collection } = await collections.put(freshName(), { fields: { name: { type: 'text', lexical: true } } });
    const log = new SearchLog({ db, onLost: (_, error) => expect.unreachable(String(error)) });
    const settings = new FeedbackSettingsStore(db);
    const sessions = new Sessions({ db, settings });
    const store = new JudgmentStore({ db, clock });
    const run = judgmentsFromClicks({
      db,
      clock,
      settingsOf: (id) => settings.of(id),
      refreshLog: async (id) => {
        await log.flush();
        await sessions.refresh(id);
      },
    });
    const progress: RunProgress[] = [];
    const judge = (input: Omit<FromClicksInput, 'collectionId'> = {}, signal = new AbortController().signal) =>
      run.work(
        { collectionId: collection.id, ...input },
        { runId: '', attempt: 1, signal, progress: (step) => progress.push(step) },
      );
    /** Searches as they would be recorded, with what was done. */
    const show = async (showings: readonly Showing[]): Promise<void> => {
      const events = showings.flatMap(({ query = 'Sea', items = ITEMS, user, at = NOW - 1000, events: done = [] }) => {
        const shown = shownSearch(collection, items, {
          ...{ queryText: query, request: { query: [{ text: query }] }, at: new Date(at) },
          ...(user === undefined ? {} : { user }),
        });
        log.record(shown);
        return done.map(([item_id, type], index) => ({
          ...{ id: `${shown.searchId} ${index}`, search_id: shown.searchId, item_id, type, at: new Date(at) },
          position: items.indexOf(item_id) + 1,
        }));
      });
      await log.flush();
      await sql`insert into events (id, collection_id, search_id, item_id, type, position, at, received_at)
        select id, ${collection.id}::integer, search_id, item_id, type, position, at, at
        from jsonb_to_recordset(${JSON.stringify(events)}::jsonb) as e (id text, search_id uuid, item_id text, type text,
          position integer, at timestamptz)`.execute(db);
    };
    /** Many users, each of whom does this once. */
    const crowd = (count: number, showing: Showing, name = 'user'): Showing[] =>
      Array.from({ length: count }, (_, index) => ({ ...showing, user: `${name} ${index}` }));
    const judged = async (set = 'clicks') => (await store.list(collection.id, { set, limit: 1000 })).judgments;
    const gradesOf = async (set?: string) =>
      Object.fromEntries((await judged(set)).map(({ itemId, grade }) => [itemId, grade]));
    return { db, collection, sessions, settings, store, progress, judge, show, crowd, judged, gradesOf };
  }

  const failureOf = async (work: Promise<unknown>): Promise<StudioError> =>
    work.then(
      () => expect.unreachable('It has not failed.'),
      (error) => (StudioError.isInstance(error) ? error : expect.unreachable(String(error))),
    );

  it('order items as they attract, wherever they were shown', async () => {
    const { judge, show, judged } = await openLog();
    const { sessions, attractionOf } = simulateSessions(6, 150, { kind: 'position-based', eta: 1 }, 0.05, 3);
    await show(
      sessions.map(({ queryKey, itemIds, clicks }, index) => ({
        query: queryKey.toUpperCase(),
        items: itemIds,
        user: `user ${index}`,
        events: itemIds.flatMap((itemId, at) => (clicks[at] ? [[itemId, 'click'] as const] : [])),
      })),
    );
    const result = await judge();
    expect(result).toMatchObject({
      set: 'clicks',
      pages: 900,
      leftOut: { setAside: 0, irrelevant: 0, superseded: 0, thin: 0 },
    });
    expect(result.perplexities.map(({ model }) => model).toSorted()).toEqual(
      ['cascade', 'coec', 'dynamic-bayesian', 'naive', 'position-based', 'simplified-dynamic-bayesian'].toSorted(),
    );
    expect(result.perplexities[0]?.model).toBe(result.model);
    const judgments = await judged();
    expect(judgments).toHaveLength(result.written);
    expect(judgments[0]).toMatchObject({ query: 'QUERY 0', queryKey: 'query 0', provenance: `clicks:${result.model}` });
    let [right, wrong] = [0, 0];
    for (const [, ofQuery] of Map.groupBy(judgments, ({ queryKey }) => queryKey)) {
      for (const one of ofQuery)
        for (const other of ofQuery) {
          const truth = attractionOf(one.queryKey, one.itemId) - attractionOf(other.queryKey, other.itemId);
          if (truth <= 0) continue;
          if (one.grade > other.grade) right++;
          else wrong++;
        }
    }
    expect(right / (right + wrong)).toBeGreaterThan(0.9);
    for (const { grade, deviation, support, weight } of judgments) {
      expect(grade).toBeGreaterThanOrEqual(0);
      expect(grade).toBeLessThanOrEqual(1);
      expect(deviation).toBeGreaterThan(0);
      expect(support).toBeGreaterThanOrEqual(3);
      expect(weight).toBe(1);
    }
  });

  it('do not change by sessions that were set aside or called irrelevant, nor while somebody is typing', async () => {
    const { db, collection, sessions, judge, show, crowd, judged } = await openLog();
    await show([...crowd(30, { events: [['a', 'click']] }), ...crowd(30, { events: [['c', 'click']] }, 'other')]);
    await judge({ models: ['position-based'] });
    const before = await judged();
    await show([
      ...crowd(50, { events: [['d', 'click']], at: NOW - DAY }, 'robot'),
      ...crowd(20, { events: [['d', 'click']], at: NOW - DAY }, 'tester'),
      ...crowd(25, { query: 'se', at: NOW - 2 * DAY }, 'typist'),
      ...crowd(25, { query: 'sea', at: NOW - 2 * DAY + 1000 }, 'typist'),
    ]);
    await sessions.refresh(collection.id);
    const setAside = JSON.stringify([{ code: 'robot', message: 'A robot.' }]);
    await sql`update sessions set set_aside = ${setAside}::jsonb where client like 'user robot%' and collection_id = ${collection.id}`.execute(
      db,
    );
    await sql`update sessions set irrelevant = 'a test' where client like 'user tester%' and collection_id = ${collection.id}`.execute(
      db,
    );
    const again = await judge({ models: ['position-based'], from: new Date(NOW - 1.5 * DAY).toISOString() });
    expect(again).toMatchObject({ pages: 60, leftOut: { setAside: 50, irrelevant: 20, superseded: 0 } });
    expect(await judged()).toEqual(before);
    expect(await judge({ models: ['position-based'] })).toMatchObject({
      pages: 85,
      leftOut: { superseded: 25, thin: 0 },
    });
  });

  it('count a client once for a query, however often it asks and clicks', async () => {
    const { judge, show, crowd, judged } = await openLog();
    const fair = crowd(40, { events: [['a', 'click']] });
    const eager = Array.from({ length: 45 }, () => ({ user: 'eager', events: [['d', 'click']] as const }));
    await show([...fair, ...eager]);
    expect(await judge({ models: ['naive'], minimumSupport: 0, halfLifeDays: 36_500 })).toMatchObject({ pages: 85 });
    const support = Object.fromEntries((await judged()).map((one) => [one.itemId, one.support]));
    expect(support.d).toBeCloseTo(41, 3);
    const grades = Object.fromEntries((await judged()).map((one) => [one.itemId, one.grade]));
    expect(grades.a).toBeGreaterThan(0.8);
    expect(grades.d).toBeLessThan(0.2);
  });

  it('take the newest 50 pages of a client and 500 of a query', async () => {
    const { judge, show, crowd } = await openLog();
    await show([
      ...Array.from({ length: 70 }, (_, index) => ({ user: 'eager', at: NOW - 1000 - index })),
      ...crowd(460, { events: [['a', 'click']], at: NOW - 5000 }),
    ]);
    expect(await judge({ models: ['naive'] })).toMatchObject({ pages: 500, leftOut: { old: 30 } });
  });

  it('follow what the collection says of its event types', async () => {
    const { collection, settings, judge, show, crowd, gradesOf } = await openLog();
    await show([
      ...crowd(20, {
        events: [
          ['a', 'purchase'],
          ['b', 'click'],
          ['b', 'dislike'],
          ['c', 'impression'],
          ['d', 'unheard-of'],
        ],
      }),
    ]);
    await judge({ models: ['naive'] });
    const grades = await gradesOf();
    expect(grades.a).toBeGreaterThan(0.8);
    for (const item of ['b', 'c', 'd']) expect(grades[item]).toBeLessThan(0.3);
    await settings.patch(collection.id, { eventTypes: { purchase: { weight: 0 }, 'unheard-of': { weight: 1 } } });
    await judge({ models: ['naive'] });
    expect((await gradesOf()).d).toBeGreaterThan(0.8);
  });

  it('leave out queries that too few have asked, for their texts are shown', async () => {
    const { judge, show, crowd, judged } = await openLog();
    await show([
      ...crowd(10, { events: [['a', 'click']] }),
      ...crowd(4, { query: 'my secret', events: [['a', 'click']] }),
      ...Array.from({ length: 30 }, () => ({ query: 'mine alone', user: 'one', events: [['a', 'click']] as const })),
    ]);
    expect(await judge({ minimumSupport: 0 })).toMatchObject({ pages: 10, leftOut: { thin: 34 } });
    expect(new Set((await judged()).map(({ query }) => query))).toEqual(new Set(['Sea']));
    expect(await judge({ minimumSupport: 0, anonymity: 2 })).toMatchObject({ pages: 14, leftOut: { thin: 30 } });
  });

  it('fade with age, and can be of one part of the log', async () => {
    const { judge, show, crowd, judged, gradesOf } = await openLog();
    const old = NOW - 300 * DAY;
    await show([
      ...crowd(60, { events: [['a', 'click']], at: old }),
      ...crowd(60, { events: [['c', 'click']] }, 'other'),
    ]);
    await judge({ models: ['naive'], halfLifeDays: 30 });
    const faded = await gradesOf();
    expect(faded.c).toBeGreaterThan(0.8);
    expect(faded.a).toBeLessThan(0.2);
    await judge({ models: ['naive'], to: new Date(NOW - DAY).toISOString(), set: 'then' });
    expect((await gradesOf('then')).a).toBeGreaterThan(0.8);
    expect((await judged('then'))[0]?.support).toBeLessThan(10);
  });

  it('are not made of nothing: the old set stays, and the reason is told', async () => {
    const { judge, show, crowd, judged, store, collection } = await openLog();
    const empty = await failureOf(judge());
    expect([empty.code, empty.message]).toEqual([
      'not_enough_clicks',
      'There is nothing to learn from: none of 0 searches counts.',
    ]);
    const nowhere = await failureOf(judge({ batchId: '0194f3a0-0000-7000-8000-000000000000' }));
    expect(nowhere.code).toBe('batch_not_found');
    await show(crowd(10, { events: [['a', 'impression']] }));
    expect((await failureOf(judge())).message).toContain('10 pages count and nothing on them was clicked');
    await store.put(collection.id, { set: 'clicks', provenance: 'import:x' }, [
      { query: 'old', itemId: 'a', grade: 1 },
    ]);
    await show(crowd(3, { query: 'rare', events: [['a', 'click']] }, 'few'));
    expect((await failureOf(judge())).message).toContain('3 of queries that too few clients asked');
    await show(crowd(10, { events: [['a', 'click']] }, 'clicker'));
    expect((await failureOf(judge({ minimumSupport: 1000 }))).message).toContain('has the support of 1000 looks');
    expect(await judged()).toMatchObject([{ query: 'old' }]);
  });

  it('leave the old set as it is when they are cancelled, while reading and while fitting', async () => {
    const { progress, judge, show, crowd, judged } = await openLog();
    const random = createRandom(5);
    const pages = (name: string): Showing[] =>
      crowd(300, {}, name).map((showing) => ({
        ...showing,
        events: look({ kind: 'position-based', eta: 1 }, [0.8, 0.1, 0.4, 0.2], random, { noise: 0 }).clicked.map(
          (index) => [ITEMS[index] as string, 'click'] as const,
        ),
      }));
    await show(pages('user'));
    await judge();
    const before = await judged();
    await show(pages('other'));
    const reason = new Error('cancelled');
    for (const message of ['reading the log', 'fitting dynamic-bayesian']) {
      const stop = new AbortController();
      const watched = judgeUntil(message, stop);
      await expect(watched).rejects.toBe(reason);
      expect(await judged()).toEqual(before);
    }
    await judge();
    expect(await judged()).not.toEqual(before);

    async function judgeUntil(message: string, stop: AbortController): Promise<unknown> {
      progress.length = 0;
      progress.push = (...steps) => {
        if (steps.some((step) => step.message === message)) stop.abort(reason);
        return Array.prototype.push.apply(progress, steps);
      };
      return await judge({}, stop.signal);
    }
  });

  it('tell how far they are', async () => {
    const { progress, judge, show, crowd } = await openLog();
    await show(crowd(600, { events: [['a', 'click']] }));
    await judge({ models: ['coec', 'naive'] });
    expect(progress.map(({ message, done, total }) => [message, done, total])).toEqual([
      ['reading the log', 0, 600],
      ['reading the log', 500, 600],
      ['fitting coec', 0, 3],
      ['fitting naive', 1, 3],
      [expect.stringMatching(/^fitting (coec|naive)$/), 2, 3],
      ['writing judgments', 0, expect.any(Number)],
    ]);
  });
});
