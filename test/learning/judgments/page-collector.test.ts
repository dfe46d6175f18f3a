import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LoggedSearch } from '../../../src/learning/feedback/sessions/read-log.ts';
import { sessionsOf } from '../../../src/learning/judgments/from-clicks/flat-pages.ts';
import { PageCollector } from '../../../src/learning/judgments/from-clicks/page-collector.ts';

const now = new Date('2026-03-01T00:00:00Z');
const options = { eventTypes: { click: { weight: 1 } }, halfLifeDays: 30, anonymity: 1, now };
const DAY = 86_400_000;

function logged(over: Partial<LoggedSearch> & { readonly clicked?: readonly string[] } = {}): LoggedSearch {
  const { clicked = [], ...rest } = over;
  return {
    ...{
      searchId: '',
      sessionId: 1,
      client: 'user ann',
      queryKey: 'sea',
      query: 'Sea',
      releaseId: '',
      itemIds: ['a', 'b'],
    },
    ...{ firstPosition: 1, propensities: [1, 1], total: 2, at: now, intent: 0, superseded: false },
    events: clicked.map((itemId) => ({ itemId, type: 'click', position: 1, value: null, at: now })),
    ...rest,
  };
}

function collect(searches: readonly LoggedSearch[], over: object = {}) {
  const collector = new PageCollector({ ...options, ...over });
  for (const search of searches) collector.add(search);
  const { pages, ...rest } = collector.finish();
  return { sessions: sessionsOf(pages), ...rest };
}

describe('pages for click models', () => {
  it('are what the log says, however many they are', () => {
    const letters = fc.constantFrom('a', 'b', 'c', 'd', 'e');
    const search = fc.record({
      client: letters,
      queryKey: letters,
      itemIds: fc.uniqueArray(letters, { minLength: 1 }),
      firstPosition: fc.integer({ min: 1, max: 30 }),
      clicked: fc.subarray(['a', 'b', 'c', 'd', 'e']),
    });
    fc.assert(
      fc.property(fc.array(search, { maxLength: 40 }), (searches) => {
        const { sessions, clicks } = collect(searches.map(logged));
        const told = (all: readonly unknown[]): string[] => all.map((one) => JSON.stringify(one)).toSorted();
        const pages = sessions.map(({ weight: _, ...page }) => page);
        const expected = searches.map(({ queryKey, itemIds, firstPosition, clicked }) => ({
          ...{ queryKey, itemIds, firstPosition },
          clicks: itemIds.map((itemId) => clicked.includes(itemId)),
        }));
        expect(told(pages)).toEqual(told(expected));
        expect(clicks).toBe(expected.flatMap((page) => page.clicks).filter(Boolean).length);
        // Each client weighs 1 for each query that it asked.
        for (const [queryKey, ofQuery] of Map.groupBy(sessions, (session) => session.queryKey)) {
          const clients = new Set(searches.filter((one) => one.queryKey === queryKey).map(({ client }) => client));
          expect(ofQuery.reduce((sum, { weight }) => sum + weight, 0)).toBeCloseTo(clients.size, 9);
        }
      }),
    );
  });

  it('weigh half for every half-life, and what has faded away is left out', () => {
    const at = (days: number, client: string) => logged({ client, at: new Date(now.getTime() - days * DAY) });
    const { sessions, leftOut } = collect([at(0, 'ann'), at(30, 'ben'), at(60, 'cid'), at(900, 'dan'), at(-5, 'eve')]);
    expect(sessions.map(({ weight }) => weight).toSorted()).toEqual([0.25, 0.5, 1, 1]);
    expect(leftOut.old).toBe(1);
  });

  it('have a text as it was typed last, and are left out without text or hits', () => {
    const old = new Date(now.getTime() - DAY);
    const { texts, leftOut } = collect([
      logged({ query: 'SEA' }),
      logged({ query: 'sea', at: old }),
      logged({ queryKey: null, query: null }),
      logged({ itemIds: [] }),
      logged({ superseded: true }),
    ]);
    expect(texts).toEqual(['SEA']);
    expect(leftOut).toEqual({ superseded: 1, thin: 0, old: 0, blank: 2 });
  });

  it('are a hundred hits deep at most', () => {
    const itemIds = Array.from({ length: 300 }, (_, index) => `i${index}`);
    const { sessions, clicks } = collect([logged({ itemIds, clicked: ['i5', 'i150'] })]);
    expect([sessions[0]?.itemIds.length, clicks]).toEqual([100, 1]);
  });

  it('are refused when they are more than can be fitted', () => {
    const searches = Array.from({ length: 11 }, (_, index) => logged({ queryKey: `${index}` }));
    expect(() => collect(searches, { maxPages: 10 })).toThrow('The log has more than 10 pages');
    expect(collect(searches, { maxPages: 11 }).sessions).toHaveLength(11);
  });
});
