import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandom, type Random } from '../../../src/foundation/core/random.ts';
import { type ClickSpread, NO_SPREAD, priorFor, spreadOf } from '../../../src/learning/improvement/click-spread.ts';
import type { Showing } from '../../../src/learning/improvement/memory-cells.ts';

const settings = { enabled: true, strength: 0.2, prior: 3, minSimilarity: 0.6, limit: 0.5, halfLifeDays: 30 };
const ITEMS = Array.from({ length: 10 }, (_, index) => `item ${index}`);
const LOOKS = [0.68, 0.61, 0.48, 0.34, 0.28, 0.2, 0.11, 0.1, 0.08, 0.06];

/** So many clients look at one page each; `attraction` is what an item does to whoever looks at it. */
function visits(random: Random, clients: number, attraction: (itemId: string) => number): Showing[] {
  return Array.from({ length: clients }, (_, number) => ({
    searchId: `search ${number}`,
    client: `shopper ${number}`,
    itemIds: ITEMS,
    firstPosition: 1,
    ageDays: 0,
    acted: new Map(
      ITEMS.flatMap((id, index) => (random.next() < (LOOKS[index] as number) * attraction(id) ? [[id, 1]] : [])),
    ),
  }));
}

function spreadOfMany(seed: number, attractionIn: (random: Random) => (itemId: string) => number): ClickSpread {
  const random = createRandom(seed);
  return Array.from({ length: 300 }, () => spreadOf(visits(random, 5, attractionIn(random)), settings)).reduce(
    (left, right) => ({ excess: left.excess + right.excess, mass: left.mass + right.mass }),
    NO_SPREAD,
  );
}

const blind = () => () => 0.46;
const seeing = (random: Random) => {
  const liked = new Set(random.shuffle(ITEMS).slice(0, 4));
  return (itemId: string) => (liked.has(itemId) ? 1 : 0.1);
};

describe('the spread of clicks', () => {
  it('leaves the prior as it was set where clicks tell items apart', () => {
    for (const seed of [1, 2, 3]) expect(priorFor(spreadOfMany(seed, seeing), 3)).toBe(3);
  });

  it('makes the prior so large that boosts vanish where shoppers click blindly', () => {
    for (const seed of [1, 2, 3]) expect(priorFor(spreadOfMany(seed, blind), 3)).toBeGreaterThan(15);
  });

  it('says nothing yet with a few queries', () => {
    expect(priorFor(NO_SPREAD, 3)).toBe(3);
    for (const seed of [1, 2, 3])
      expect(priorFor(spreadOf(visits(createRandom(seed), 5, blind()), settings), 3)).toBe(3);
  });

  it('does not depend on the order in which showings come', () => {
    const drawn = fc.array(fc.record({ clicked: fc.subarray(ITEMS), age: fc.integer({ min: 0, max: 60 }) }), {
      maxLength: 8,
    });
    fc.assert(
      fc.property(drawn, (some) => {
        const showings = some.map(
          ({ clicked, age }, number): Showing => ({
            searchId: `search ${number}`,
            client: `shopper ${number % 3}`,
            itemIds: ITEMS,
            firstPosition: 1,
            ageDays: age,
            acted: new Map(clicked.map((id) => [id, 1])),
          }),
        );
        const forwards = spreadOf(showings, settings);
        const backwards = spreadOf([...showings].reverse(), settings);
        expect(backwards.excess).toBeCloseTo(forwards.excess, 9);
        expect(backwards.mass).toBeCloseTo(forwards.mass, 9);
      }),
    );
  });
});
