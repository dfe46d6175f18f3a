import { sql } from 'kysely';
import { beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../../../src/foundation/core/ids.ts';
import type { Db } from '../../../src/foundation/database/tables.ts';
import { Analytics } from '../../../src/learning/analytics/analytics.ts';
import { bucketsOf, timeRange } from '../../../src/learning/analytics/time-range.ts';
import { SearchLog } from '../../../src/learning/feedback/search-log.ts';
import type { ShownSearch } from '../../../src/serving/search/search-recorder.ts';
import { describeOnEveryDatabase } from '../../support/databases.ts';
import { freshName, openStudio } from '../../support/studio.ts';
import { shownSearch } from '../feedback/shown.ts';

const NOW = new Date('2026-06-11T12:00:00Z');
/** Moment of a day of June 2026; the eighth is a Monday. */
const june = (day: number, hour = 10): Date => new Date(Date.UTC(2026, 5, day, hour));
const WHOLE = { from: '2026-06-08T00:00:00Z', to: '2026-06-11T00:00:00Z' };

describeOnEveryDatabase('analytics', (open) => {
  let db: Db;
  let id: number;
  let analytics: Analytics;
  let anonymity = 1;

  // By hand, what counts: on the 8th four searches, on the 9th none, on the 10th three.
  beforeAll(async () => {
    const database = await open();
    ({ db } = database);
    const { collections } = await openStudio(database);
    const { collection } = await collections.put(freshName(), { fields: { name: { type: 'text', lexical: true } } });
    id = collection.id;
    const log = new SearchLog({ db, onLost: (_, error) => expect.unreachable(String(error)) });
    analytics = new Analytics({
      db,
      clock: { now: () => NOW },
      anonymityOf: async () => anonymity,
      flushSearches: () => log.flush(),
    });
    const show = async (
      at: Date,
      queryText: string | null,
      user: string,
      itemIds: string[],
      over: Partial<ShownSearch> = {},
    ) => {
      const shown = shownSearch(collection, itemIds, { at, queryText, user, ...over });
      log.record(shown);
      await log.flush();
      return shown.searchId;
    };
    const act = (searchId: string, position: number, type = 'click') =>
      sql`insert into events (id, collection_id, search_id, item_id, type, position, at, received_at)
        select ${newId()}, ${id}, ${searchId}::uuid, item_ids[${position}::integer], ${type}, ${position}, at, at
        from searches where id = ${searchId}::uuid`.execute(db);
    const inSession = async (searchId: string, setAside: object[] | null, irrelevant: string | null) => {
      const { rows } = await sql<{ id: number }>`
        insert into sessions (collection_id, client, started_at, ended_at, searches, set_aside, irrelevant)
        select ${id}, client, at, at, 1, ${setAside === null ? null : JSON.stringify(setAside)}::jsonb, ${irrelevant}
        from searches where id = ${searchId}::uuid returning id`.execute(db);
      await sql`update searches set visit = ${rows[0]?.id} where id = ${searchId}::uuid`.execute(db);
    };

    const clickedTwice = await show(june(8), 'chair', 'u1', ['a', 'b', 'c'], { tookMs: 10 });
    await act(clickedTwice, 3);
    await act(clickedTwice, 2);
    await act(clickedTwice, 2);
    await inSession(clickedTwice, null, null);
    const bought = await show(june(8, 11), 'chair', 'u2', ['a', 'b'], { tookMs: 20 });
    await act(bought, 1);
    await act(bought, 1, 'purchase');
    await show(june(8, 12), 'chair', 'u1', ['a'], { tookMs: 30 });
    await show(june(8, 13), 'unicorn', 'u3', [], { tookMs: 100, total: 0 });
    await act(await show(june(10), 'table', 'u1', ['a', 'b', 'c', 'd']), 4);
    await act(await show(june(10, 11), 'table', 'u2', ['a', 'b']), 2, 'impression');
    await show(june(10, 12), null, 'u3', ['a']);

    // What does not count: set aside, irrelevant, a later page's own record, outside the time, another collection.
    const robot = [
      { code: 'too_fast', message: 'Too fast.' },
      { code: 'clicks_everything', message: 'Everything.' },
    ];
    const aside = await show(june(8), 'chair', 'robot', ['a']);
    await act(aside, 1);
    await inSession(aside, robot, null);
    await inSession(await show(june(10), 'chair', 'tester', ['a']), null, 'our own test');
    await show(june(8), 'chair', 'u1', ['k'], { firstPosition: 11 });
    await show(june(11, 0), 'chair', 'u1', ['a']);
    await show(june(7, 23), 'chair', 'u1', ['a']);
    const other = await collections.put(freshName(), { fields: { name: { type: 'text', lexical: true } } });
    log.record(shownSearch(other.collection, ['a'], { at: june(8), queryText: 'chair' }));
    await log.flush();
  });

  it('counts by day, leaving out what does not count and saying so', async () => {
    const { buckets, totals, setAside } = await analytics.overview(id, { ...WHOLE, interval: 'day' });
    expect(buckets.map(({ at }) => at)).toEqual(
      ['2026-06-08', '2026-06-09', '2026-06-10'].map((day) => `${day}T00:00:00.000Z`),
    );
    expect(buckets[0]).toEqual({
      at: '2026-06-08T00:00:00.000Z',
      searches: 4,
      clients: 3,
      sessions: 1,
      zeroResults: 1,
      clickedSearches: 2,
      clickThroughRate: 0.5,
      abandonmentRate: 1 / 3,
      meanReciprocalRank: (1 / 2 + 1) / 4,
      conversions: 1,
      medianTookMs: 25,
    });
    expect(buckets[1]).toMatchObject({
      searches: 0,
      clickThroughRate: null,
      abandonmentRate: null,
      medianTookMs: null,
    });
    expect(buckets[2]).toMatchObject({ searches: 3, clients: 3, clickedSearches: 1, meanReciprocalRank: 1 / 12 });
    expect(totals).toMatchObject({
      searches: 7,
      clients: 3,
      sessions: 1,
      zeroResults: 1,
      clickedSearches: 3,
      conversions: 1,
    });
    expect(totals.clickThroughRate).toBeCloseTo(3 / 7, 12);
    expect(totals.abandonmentRate).toBeCloseTo(3 / 6, 12);
    expect(totals.meanReciprocalRank).toBeCloseTo((1 / 2 + 1 + 1 / 4) / 7, 12);
    expect(setAside).toEqual({
      searches: 2,
      sessions: 2,
      reasons: { too_fast: 1, clicks_everything: 1, irrelevant: 1 },
    });
  });

  it('counts by hour and by week from Monday, and the last seven days when nothing is said', async () => {
    const hours = await analytics.overview(id, {
      from: '2026-06-08T10:30:00Z',
      to: '2026-06-08T12:30:00Z',
      interval: 'hour',
    });
    expect(hours.buckets.map(({ at, searches }) => [at.slice(11, 16), searches])).toEqual([
      ['10:00', 0],
      ['11:00', 1],
      ['12:00', 1],
    ]);
    const weeks = await analytics.overview(id, { interval: 'week' });
    expect(weeks.buckets.map(({ at, searches }) => [at.slice(0, 10), searches])).toEqual([
      ['2026-06-01', 1],
      ['2026-06-08', 8],
    ]);
  });

  it('counts impressions and clicks by position, with an interval', async () => {
    const { positions } = await analytics.positions(id, WHOLE);
    expect(positions.slice(0, 5).map(({ impressions, clicks }) => [impressions, clicks])).toEqual([
      [6, 1],
      [4, 1],
      [2, 1],
      [1, 1],
      [0, 0],
    ]);
    expect(positions).toHaveLength(20);
    expect(positions[0]?.clickThroughRate).toBeCloseTo(1 / 6, 12);
    expect(positions[0]?.interval?.low).toBeCloseTo(0.0301, 3);
    expect(positions[0]?.interval?.high).toBeCloseTo(0.5635, 3);
    expect(positions[4]).toMatchObject({ clickThroughRate: null, interval: null });
  });

  it('lists queries in each order', async () => {
    const list = async (order: 'searches' | 'zero-results' | 'abandonment' | 'low-click-through') =>
      (await analytics.queries(id, { ...WHOLE, order, limit: 10 })).queries.map(({ query }) => query);
    expect(await list('searches')).toEqual(['chair', 'table', 'unicorn']);
    expect(await list('zero-results')).toEqual(['unicorn']);
    expect(await list('abandonment')).toEqual(['chair', 'table']);
    expect(await list('low-click-through')).toEqual(['table', 'chair']);
    const { queries } = await analytics.queries(id, { ...WHOLE, order: 'searches', limit: 1 });
    expect(queries).toEqual([
      {
        query: 'chair',
        searches: 3,
        clients: 2,
        zeroResults: 0,
        clickedSearches: 2,
        clickThroughRate: 2 / 3,
        abandonmentRate: 1 / 3,
        conversions: 1,
      },
    ]);
  });

  it('names no query that too few have asked in this time, and counts those', async () => {
    anonymity = 2;
    try {
      const { queries, hidden } = await analytics.queries(id, { ...WHOLE, order: 'searches', limit: 10 });
      expect(queries.map(({ query }) => query)).toEqual(['chair', 'table']);
      expect(hidden).toEqual({ queries: 1, searches: 1 });
      const none = await analytics.queries(id, { ...WHOLE, order: 'zero-results', limit: 10 });
      expect([none.queries, none.hidden]).toEqual([[], { queries: 1, searches: 1 }]);
    } finally {
      anonymity = 1;
    }
  });

  it('pages through queries, each once, and refuses the cursor of another list', async () => {
    for (const order of ['searches', 'low-click-through'] as const) {
      const seen: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await analytics.queries(id, { order, limit: 1, cursor });
        seen.push(...page.queries.map(({ query }) => query));
        cursor = page.nextCursor ?? undefined;
      } while (cursor !== undefined);
      expect(new Set(seen).size).toBe(seen.length);
      expect(seen.length).toBe(order === 'searches' ? 3 : 2);
    }
    const { nextCursor } = await analytics.queries(id, { ...WHOLE, order: 'searches', limit: 1 });
    const other = analytics.queries(id, { ...WHOLE, order: 'abandonment', limit: 1, cursor: nextCursor ?? '' });
    await expect(other).rejects.toMatchObject({ code: 'invalid_cursor' });
    for (const cursor of [
      'x',
      Buffer.from('null').toString('base64url'),
      Buffer.from('["a",1e300,2,3,"k"]').toString('base64url'),
    ])
      await expect(analytics.queries(id, { ...WHOLE, order: 'searches', limit: 1, cursor })).rejects.toMatchObject({
        code: 'invalid_cursor',
      });
  });
});

describe('a range of time', () => {
  it('is refused when it ends before it begins, is too long, or has too many buckets', () => {
    expect(() => timeRange({ from: '2026-06-02T00:00:00Z', to: '2026-06-01T00:00:00Z' }, NOW)).toThrow(
      'must lie before',
    );
    expect(() => timeRange({ from: '2025-01-01T00:00:00Z', to: '2026-06-01T00:00:00Z' }, NOW)).toThrow(
      'at most 400 days',
    );
    expect(() => bucketsOf(timeRange({ from: '2026-01-01T00:00:00Z' }, NOW), 'hour')).toThrow('at most 1000');
  });

  it('reaches to now from what is said, and seven days back from its end', () => {
    expect(timeRange({ from: '2026-06-01T00:00:00Z' }, NOW)).toEqual({ from: june(1, 0), to: NOW });
    expect(timeRange({ to: '2026-06-08T00:00:00Z' }, NOW)).toEqual({ from: june(1, 0), to: june(8, 0) });
    expect(timeRange({ from: '2026-07-01T00:00:00Z' }, NOW).to).toEqual(new Date('2026-07-08T00:00:00Z'));
  });
});
