import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FlatPages } from '../../../../src/learning/judgments/from-clicks/flat-pages.ts';
import { clickExamples, type JudgedPair } from '../../../../src/learning/training/datasets/click-examples.ts';
import { ClientCap } from '../../../../src/learning/training/datasets/client-cap.ts';
import { dealClicks } from '../../../../src/learning/training/datasets/deal-clicks.ts';
import { mergeExamples, ratedExamples } from '../../../../src/learning/training/datasets/rated-examples.ts';
import { ShownPairs } from '../../../../src/learning/training/datasets/shown-pairs.ts';
import { partByKey, partsByTime } from '../../../../src/learning/training/datasets/split-queries.ts';

const CAPS = { perQuery: 20, negatives: 20 };
const QUERIES = [{ queryKey: 'sea', query: 'Sea' }];
const pair = (itemId: string, attraction: number, clicked = 0, skippedAbove = 0, query = 0): JudgedPair => ({
  ...{ query, itemId, attraction, clicked, skippedAbove },
});

/** Pages of queries by number, each with items and clicks by position. */
function pagesOf(
  shown: ReadonlyArray<{ query?: number; items: number[]; clicked: number[]; first?: number }>,
): FlatPages {
  let end = 0;
  return {
    queries: ['a', 'b', 'c'],
    items: Array.from({ length: 10 }, (_, index) => `item ${index}`),
    query: Int32Array.from(shown, ({ query = 0 }) => query),
    firstPosition: Int32Array.from(shown, ({ first = 1 }) => first),
    weight: Float64Array.from(shown, () => 1),
    starts: Int32Array.from([0, ...shown.map(({ items }) => (end += items.length))]),
    item: Int32Array.from(shown.flatMap(({ items }) => items)),
    clicked: Uint8Array.from(shown.flatMap(({ clicked }) => clicked)),
  };
}

describe('examples from clicks', () => {
  it('are clicked items above the average of their query, weighted by the excess', () => {
    const examples = clickExamples(
      QUERIES,
      [pair('a', 0.9, 2), pair('b', 0.6, 1), pair('c', 0.1), pair('d', 0.4, 1)],
      CAPS,
    );
    expect(examples.map(({ itemId, weight }) => [itemId, Number(weight.toFixed(3))])).toEqual([
      ['a', 0.4],
      ['b', 0.1],
    ]);
    expect(examples[0]).toMatchObject({ queryKey: 'sea', query: 'Sea', negatives: ['c'] });
  });

  it('take nothing for right that nobody clicked, however little is known of it', () => {
    expect(clickExamples(QUERIES, [pair('seen', 0.01, 0, 9), pair('hardly-seen', 0.2)], CAPS)).toEqual([]);
  });

  it('name as wrong first what was passed over above a click', () => {
    const [example] = clickExamples(
      QUERIES,
      [pair('a', 0.9, 1), pair('low', 0.01), pair('skipped', 0.2, 0, 3), pair('once', 0.1, 0, 1)],
      CAPS,
    );
    expect(example?.negatives).toEqual(['skipped', 'once', 'low']);
  });

  it('never exceed the caps of a query', () => {
    const pairs = fc.array(
      fc.record({
        query: fc.integer({ min: 0, max: 2 }),
        itemId: fc.string({ minLength: 1, maxLength: 3 }),
        attraction: fc.double({ min: 0, max: 1, noNaN: true }),
        clicked: fc.integer({ min: 0, max: 3 }),
        skippedAbove: fc.integer({ min: 0, max: 3 }),
      }),
      { maxLength: 60 },
    );
    const queries = ['a', 'b', 'c'].map((queryKey) => ({ queryKey, query: queryKey }));
    fc.assert(
      fc.property(pairs, fc.integer({ min: 1, max: 4 }), (judged, cap) => {
        const unique = [...new Map(judged.map((one) => [`${one.query} ${one.itemId}`, one])).values()];
        const examples = clickExamples(queries, unique, { perQuery: cap, negatives: cap });
        for (const [, own] of Map.groupBy(examples, ({ queryKey }) => queryKey)) {
          expect(own.length).toBeLessThanOrEqual(cap);
          const right = new Set(own.map(({ itemId }) => itemId));
          for (const { negatives, weight } of own) {
            expect(weight).toBeGreaterThan(0);
            expect(negatives.length).toBeLessThanOrEqual(cap);
            expect(negatives.some((itemId) => right.has(itemId))).toBe(false);
          }
        }
      }),
    );
  });

  it('count what stands above the last click and was not clicked as passed over', () => {
    const shown = new ShownPairs(
      pagesOf([
        { items: [0, 1, 2, 3], clicked: [0, 1, 0, 0] },
        { items: [0, 1], clicked: [0, 0] },
      ]),
    );
    expect(shown.of(0, 0)).toEqual({ clicked: 0, skippedAbove: 1 });
    expect(shown.of(0, 1)).toEqual({ clicked: 1, skippedAbove: 0 });
    expect(shown.of(0, 2)).toEqual({ clicked: 0, skippedAbove: 0 });
  });

  it('come from so many searches of a client and no more', () => {
    const cap = new ClientCap(2);
    expect(['a', 'a', 'b', 'a', 'b', 'b'].map((client) => cap.admits(client))).toEqual([
      true,
      true,
      true,
      false,
      true,
      false,
    ]);
    expect(cap.dropped).toBe(2);
  });
});

describe('the click-blind twin', () => {
  const page = fc.integer({ min: 1, max: 6 }).chain((length) =>
    fc.record({
      query: fc.integer({ min: 0, max: 2 }),
      items: fc.array(fc.integer({ min: 0, max: 9 }), { minLength: length, maxLength: length }),
      clicked: fc.array(fc.integer({ min: 0, max: 1 }), { minLength: length, maxLength: length }),
      first: fc.constantFrom(1, 11),
    }),
  );
  const clicksByPosition = (pages: FlatPages): Record<number, number> => {
    const counts: Record<number, number> = {};
    for (let index = 0; index < pages.query.length; index++) {
      const [start = 0, end = 0] = pages.starts.subarray(index, index + 2);
      for (let place = start; place < end; place++) {
        const position = (pages.firstPosition[index] ?? 0) + place - start;
        counts[position] = (counts[position] ?? 0) + (pages.clicked[place] ?? 0);
      }
    }
    return counts;
  };

  it('has as many clicks at each position as the log, on the same pages, and leaves the log alone', () => {
    fc.assert(
      fc.property(fc.array(page, { maxLength: 20 }), fc.integer(), (shown, seed) => {
        const pages = pagesOf(shown);
        const before = Uint8Array.from(pages.clicked);
        const dealt = dealClicks(pages, seed);
        expect(clicksByPosition(dealt)).toEqual(clicksByPosition(pages));
        expect([dealt.item, dealt.query, pages.clicked]).toEqual([pages.item, pages.query, before]);
        expect(dealClicks(pages, seed).clicked).toEqual(dealt.clicked);
      }),
    );
  });
});

describe('examples from ratings', () => {
  const judged = (itemId: string, grade: number, queryKey = 'sea') => ({
    queryKey,
    query: queryKey,
    itemId,
    grade,
    weight: 1,
  });

  it('are what is graded above the mean, in shares of the highest grade', () => {
    expect(ratedExamples([judged('a', 4), judged('b', 2), judged('c', 0)], CAPS)).toEqual([
      { queryKey: 'sea', query: 'sea', itemId: 'a', weight: 0.5, negatives: ['c'] },
    ]);
  });

  it('are all of a query whose grades are alike and above 0', () => {
    const examples = ratedExamples([judged('a', 1), judged('b', 1), judged('c', 0, 'lake')], CAPS);
    expect(examples.map(({ itemId, weight, negatives }) => [itemId, weight, negatives])).toEqual([
      ['a', 1, []],
      ['b', 1, []],
    ]);
  });

  it('are heard before clicks, and what is right for either is wrong for neither', () => {
    const rated = ratedExamples([judged('a', 4), judged('b', 0)], CAPS);
    const clicked = clickExamples(
      QUERIES,
      [pair('b', 0.9, 3), pair('c', 0.8, 3), pair('a', 0.1, 0, 2), pair('d', 0.1)],
      CAPS,
    );
    const merged = mergeExamples(rated, clicked);
    expect(merged.map(({ itemId, negatives }) => [itemId, negatives])).toEqual([
      ['a', ['b']],
      ['c', ['d']],
    ]);
  });
});

describe('the split', () => {
  const keys = fc.uniqueArray(fc.string({ maxLength: 12 }), { maxLength: 200 });
  const shares = fc.record({
    validation: fc.double({ min: 0, max: 0.5, noNaN: true }),
    heldOut: fc.double({ min: 0, max: 0.5, noNaN: true }),
  });

  it('puts a query where its key and the seed say, so that a longer log moves none', () => {
    fc.assert(
      fc.property(keys, fc.integer({ min: 0, max: 1000 }), shares, (queries, seed, sizes) => {
        const first = queries.map((key) => partByKey(key, seed, sizes));
        expect([...queries].reverse().map((key) => partByKey(key, seed, sizes))).toEqual([...first].reverse());
      }),
    );
    const many = Array.from({ length: 4000 }, (_, index) =>
      partByKey(`query ${index}`, 3, { validation: 0.1, heldOut: 0.2 }),
    );
    const share = (part: string): number => many.filter((one) => one === part).length / many.length;
    expect(share('held-out')).toBeCloseTo(0.2, 1);
    expect(share('validation')).toBeCloseTo(0.1, 1);
  });

  it('by time holds out the queries that were first asked last, and trains on nothing from then on', () => {
    fc.assert(
      fc.property(keys, fc.infiniteStream(fc.integer({ min: 0, max: 50 })), shares, (queries, times, sizes) => {
        const asked = new Map(queries.map((key) => [key, times.next().value ?? 0]));
        const { parts, trainedBefore } = partsByTime(asked, sizes);
        expect(parts.size).toBe(queries.length);
        const latest = (part: string): number[] =>
          queries.filter((key) => parts.get(key) === part).map((key) => asked.get(key) ?? 0);
        const most = (part: string): number => Math.max(Number.NEGATIVE_INFINITY, ...latest(part));
        const least = (part: string): number => Math.min(Number.POSITIVE_INFINITY, ...latest(part));
        expect(most('train')).toBeLessThanOrEqual(Math.min(least('validation'), least('held-out')));
        expect(most('validation')).toBeLessThanOrEqual(least('held-out'));
        expect(trainedBefore).toBeLessThanOrEqual(Math.min(least('validation'), least('held-out')));
      }),
    );
  });
});
