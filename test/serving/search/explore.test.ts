import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../src/foundation/core/random.ts';
import { explore, propensityOf, randomOf } from '../../../src/serving/search/explore.ts';
import { expectedMoves, swapChain, swapsFor } from '../../../src/serving/search/swap-chain.ts';

const ranking = (length: number) => Array.from({ length }, (_, rank) => `item ${rank + 1}`);
const pages = fc.record({
  hits: fc.integer({ min: 0, max: 60 }),
  limit: fc.integer({ min: 0, max: 40 }),
  depth: fc.integer({ min: 2, max: 50 }),
  share: fc.double({ min: 0, max: 0.5, noNaN: true }),
  seed: fc.integer(),
});

/** The chances by brute force: powers of the whole matrix of one swap, mixed. */
function matrixOf(slots: number, depth: number, swaps: number): number[][] {
  const once = Array.from({ length: depth }, () => new Array<number>(depth).fill(0));
  for (let slot = 0; slot < slots; slot++) {
    for (let other = 0; other < depth; other++) {
      for (let from = 0; from < depth; from++) {
        const to = from === slot ? other : from === other ? slot : from;
        once[from]![to]! += 1 / (slots * depth);
      }
    }
  }
  const times = (left: number[][], right: number[][]): number[][] =>
    left.map((row) =>
      right.map((_, to) => row.reduce((sum, chance, between) => sum + chance * right[between]![to]!, 0)),
    );
  let power = once.map((row, from) => row.map((_, to): number => (from === to ? 1 : 0)));
  for (let swap = 0; swap < Math.floor(swaps); swap++) power = times(power, once);
  const next = times(power, once);
  return power.map((row, from) => row.map((chance, to) => (1 - (swaps % 1)) * chance + (swaps % 1) * next[from]![to]!));
}

describe('an explored page', () => {
  it('holds as many different items of the ranking as were asked for, none from below the depth', () => {
    fc.assert(
      fc.property(pages, ({ hits, limit, depth, share, seed }) => {
        const page = explore(ranking(hits), limit, { share, depth }, createRandom(seed));
        expect(page).toHaveLength(Math.min(limit, hits));
        expect(new Set(page.map(({ item }) => item)).size).toBe(page.length);
        for (const [slot, { item, rank, propensity }] of page.entries()) {
          expect(item).toBe(`item ${rank}`);
          expect(propensity).toBeGreaterThan(0);
          expect(propensity).toBeLessThanOrEqual(1);
          if (slot >= depth) expect([rank, propensity]).toEqual([slot + 1, 1]);
          else expect(rank).toBeLessThanOrEqual(Math.max(depth, 1));
        }
      }),
    );
  });

  it('is the ranking with propensities of 1 when nothing is to be explored', () => {
    fc.assert(
      fc.property(pages, ({ hits, limit, depth, seed }) => {
        const page = explore(ranking(hits), limit, { share: 0, depth }, createRandom(seed));
        expect(page.map(({ item }) => item)).toEqual(ranking(hits).slice(0, limit));
        expect(page.every(({ propensity }) => propensity === 1)).toBe(true);
      }),
    );
  });

  it('is the same for the same search', () => {
    const show = (id: string) => explore(ranking(30), 10, { share: 0.3, depth: 20 }, randomOf(id));
    expect(show('a search')).toEqual(show('a search'));
    const others = Array.from({ length: 50 }, (_, search) => JSON.stringify(show(`search ${search}`)));
    expect(new Set(others).size).toBeGreaterThan(40);
  });
});

describe('propensities', () => {
  it('are those of the whole matrix of swaps', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 12 }),
        fc.integer({ min: 2, max: 16 }),
        fc.double({ min: 0, max: 9, noNaN: true }),
        (page, depth, swaps) => {
          const slots = Math.min(page, depth);
          const matrix = matrixOf(slots, depth, swaps);
          const chain = swapChain(slots, depth, swaps);
          for (let rank = 0; rank < depth; rank++) {
            for (let slot = 0; slot < slots; slot++)
              expect(propensityOf(chain, rank, slot)).toBeCloseTo(matrix[rank]![slot]!, 10);
          }
        },
      ),
    );
  });

  it('sum to 1 over the items of a slot, and to the expected share over the slots that hold another item', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 200 }),
        fc.integer({ min: 2, max: 100 }),
        fc.double({ min: 0, max: 0.5, noNaN: true }),
        (page, depth, share) => {
          const slots = Math.min(page, depth);
          const swaps = swapsFor(slots, depth, share);
          const chain = swapChain(slots, depth, swaps);
          for (let slot = 0; slot < slots; slot++) {
            const column = Array.from({ length: depth }, (_, rank) => propensityOf(chain, rank, slot));
            expect(column.reduce((sum, chance) => sum + chance, 0)).toBeCloseTo(1, 9);
          }
          expect(expectedMoves(slots, depth, swaps)).toBeCloseTo(share, 6);
        },
      ),
    );
  });

  it.each([
    { limit: 10, depth: 20, share: 0.2 },
    { limit: 5, depth: 50, share: 0.5 },
    { limit: 10, depth: 10, share: 0.1 },
    { limit: 1, depth: 2, share: 0.3 },
  ])('are how often items stand where they stand (page $limit, depth $depth, share $share)', ({
    limit,
    depth,
    share,
  }) => {
    const [rounds, random] = [40_000, createRandom(11)];
    const counts = Array.from({ length: depth }, () => new Array<number>(limit).fill(0));
    let moved = 0;
    const items = ranking(depth);
    for (let round = 0; round < rounds; round++) {
      explore(items, limit, { share, depth }, random).forEach(({ rank }, slot) => {
        counts[rank - 1]![slot]! += 1;
        if (rank !== slot + 1) moved += 1;
      });
    }
    const chain = swapChain(limit, depth, swapsFor(limit, depth, share));
    for (let slot = 0; slot < limit; slot++) {
      const expected = counts.map((_, rank) => rounds * propensityOf(chain, rank, slot));
      const chiSquare = expected.reduce((sum, wanted, rank) => sum + (counts[rank]![slot]! - wanted) ** 2 / wanted, 0);
      // Mean d and variance 2 d with d degrees of freedom; six deviations are beyond any chance.
      expect(chiSquare).toBeLessThan(depth - 1 + 6 * Math.sqrt(2 * (depth - 1)));
    }
    // Slots of one page move together, so the error is that of whole pages at worst.
    expect(Math.abs(moved / (rounds * limit) - share)).toBeLessThan(5 * Math.sqrt((share * (1 - share)) / rounds));
  });
});
