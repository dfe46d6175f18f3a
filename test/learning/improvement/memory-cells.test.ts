import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { boostOf, cellsOf, type Showing } from '../../../src/learning/improvement/memory-cells.ts';

const settings = { enabled: true, strength: 0.2, prior: 3, minSimilarity: 0.6, limit: 0.5, halfLifeDays: 30 };
let number = 0;
const page = ['a', 'b', 'c', 'd', 'e'];
const showing = (clicked: readonly string[], over: Partial<Showing> = {}): Showing => ({
  itemIds: page,
  firstPosition: 1,
  ageDays: 0,
  searchId: `search ${++number}`,
  client: `shopper ${number}`,
  acted: new Map(clicked.map((id) => [id, 1])),
  ...over,
});
const boosts = (showings: readonly Showing[]): Record<string, number> =>
  Object.fromEntries(Object.entries(cellsOf(showings, settings)).map(([id, cell]) => [id, boostOf(cell, settings)]));

describe('memory cells', () => {
  it('lift what is clicked more than its position explains, and lower what is passed over', () => {
    const result = boosts([showing(['d']), showing(['d']), showing(['d'])]);
    expect(result.d).toBeGreaterThan(0);
    expect(result.a).toBeLessThan(0);
  });

  it('count a click low on the page for more than one at the top', () => {
    const low = boosts([showing(['e'])]).e as number;
    const high = boosts([showing(['a'])]).a as number;
    expect(low).toBeGreaterThan(high);
  });

  it('spread as many expected clicks over a much asked query as there were clicks', () => {
    const cells = Object.values(
      cellsOf(
        Array.from({ length: 150 }, () => showing(['b'])),
        settings,
      ),
    );
    const clicks = cells.reduce((sum, cell) => sum + cell.clicks, 0);
    const expected = cells.reduce((sum, cell) => sum + cell.expected, 0);
    expect(expected / clicks).toBeGreaterThan(0.97);
    expect(expected / clicks).toBeLessThan(1.03);
  });

  it('count the clicks of one person on one item once', () => {
    const once = cellsOf([showing(['c'], { client: 'ann' })], settings).c;
    const often = cellsOf(
      Array.from({ length: 20 }, () => showing(['c'], { client: 'ann' })),
      settings,
    ).c;
    expect(once?.clicks).toBe(1);
    expect(often?.clicks).toBe(1);
  });

  it('take at most five showings of one query from one client, so that asking again and again lowers nothing', () => {
    const asked = (times: number) => Array.from({ length: times }, () => showing([], { client: 'rival' }));
    expect(cellsOf([showing(['c']), ...asked(300)], settings).c).toEqual(
      cellsOf([showing(['c']), ...asked(5)], settings).c,
    );
  });

  it('count a purchase for more than a click, at most threefold, and a dislike against the item', () => {
    const acted = (weight: number) => boosts([showing([], { acted: new Map([['c', weight]]) })]).c as number;
    expect(acted(2)).toBeGreaterThan(acted(1));
    expect(acted(50)).toBe(acted(3));
    expect(acted(-1)).toBeLessThan(acted(0));
  });

  it('forget by half every half-life', () => {
    const fresh = cellsOf([showing(['c'])], settings).c?.clicks as number;
    const old = cellsOf([showing(['c'], { ageDays: 30 })], settings).c?.clicks as number;
    expect(old).toBeCloseTo(fresh / 2, 12);
  });

  it('do not depend on the order in which showings come', () => {
    const arbitrary = fc.array(
      fc.record({
        clicked: fc.subarray(page),
        age: fc.integer({ min: 0, max: 90 }),
        who: fc.constantFrom('ann', 'bob', 'eve'),
      }),
      { minLength: 1, maxLength: 12 },
    );
    fc.assert(
      fc.property(arbitrary, fc.integer(), (drawn, seed) => {
        const showings = drawn.map(({ clicked, age, who }) => showing(clicked, { ageDays: age, client: who }));
        const shuffled = [...showings].sort(
          (left, right) => ((left.ageDays * 7 + seed) % 5) - ((right.ageDays * 7 + seed) % 5),
        );
        const left = cellsOf(showings, settings);
        const right = cellsOf(shuffled, settings);
        for (const id of page) {
          expect(right[id]?.clicks).toBeCloseTo(left[id]?.clicks as number, 9);
          expect(right[id]?.expected).toBeCloseTo(left[id]?.expected as number, 9);
        }
      }),
    );
  });
});
