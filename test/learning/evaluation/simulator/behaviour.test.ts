import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../../src/foundation/core/random.ts';
import {
  type Behaviour,
  clicksOf,
  EXAMINATION,
  look,
} from '../../../../src/learning/evaluation/simulator/behaviour.ts';

/** Share of pages on which each position is clicked. */
function clickRates(behaviour: Behaviour, attractions: readonly number[], noise = 0): number[] {
  const random = createRandom(3);
  const rounds = 20_000;
  const counts = attractions.map(() => 0);
  for (let round = 0; round < rounds; round++)
    for (const index of look(behaviour, attractions, random, { noise }).clicked)
      counts[index] = (counts[index] as number) + 1;
  return counts.map((count) => count / rounds);
}

function expectClose(found: readonly number[], expected: readonly number[]): void {
  expected.forEach((value, index) => {
    expect(Math.abs((found[index] as number) - value)).toBeLessThan(0.013);
  });
}

describe('a simulated shopper', () => {
  it.each([0.5, 1, 2])('clicks each position at the rate of the position-based model, η %d', (eta) => {
    const attractions = EXAMINATION.map((_, index) => (index % 2 === 0 ? 1 : 0));
    const expected = attractions.map((value, index) => (EXAMINATION[index] as number) ** eta * (0.1 + 0.9 * value));
    expectClose(clickRates({ kind: 'position-based', eta }, attractions, 0.1), expected);
  });

  it('looks at everything when η is 0, within the reach of the eyes', () => {
    const { seen } = look(
      { kind: 'position-based', eta: 0 },
      Array.from({ length: 15 }, () => 0),
      createRandom(1),
      { noise: 0 },
    );
    expect(seen).toEqual(EXAMINATION.map((_, index) => index));
  });

  it('leaves with the first click in the cascade: the chance is a product along the page', () => {
    const rates = clickRates({ kind: 'cascade', satisfaction: 1, continuation: 0.9 }, [0.3, 0.5, 0.4]);
    expectClose(rates, [0.3, 0.7 * 0.9 * 0.5, 0.7 * 0.5 * 0.9 ** 2 * 0.4]);
  });

  it('goes on after a click that did not satisfy', () => {
    const rates = clickRates({ kind: 'cascade', satisfaction: 0.5, continuation: 1 }, [1, 1]);
    expectClose(rates, [1, 0.5]);
  });

  it('depends on the click before in the dependent-click model, and always passes over what does not attract', () => {
    const rates = clickRates({ kind: 'dependent-click', continuations: [0.8, 0.25] }, [0, 1, 1, 1]);
    // The last chance to go on holds for all positions below.
    expectClose(rates, [0, 1, 0.25, 0.25 * 0.25]);
  });

  it('does not see the items when blind', () => {
    const clicks = (attraction: number) =>
      clicksOf(
        EXAMINATION.map(() => attraction),
        createRandom(9),
        { noise: 0, blindAttraction: 0.3 },
      );
    expect(clicks(0)).toEqual(clicks(1));
  });

  it('clicks only what was seen, in the order of the page, for any page', () => {
    const behaviours = fc.constantFrom<Behaviour>(
      { kind: 'position-based', eta: 1 },
      { kind: 'cascade', satisfaction: 0.3, continuation: 0.9 },
      { kind: 'dependent-click', continuations: [] },
    );
    const pages = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 20 });
    fc.assert(
      fc.property(behaviours, pages, fc.nat(), (behaviour, attractions, seed) => {
        const { seen, clicked } = look(behaviour, attractions, createRandom(seed), { noise: 0.2 });
        expect(clicked.every((index) => seen.includes(index) && index < attractions.length)).toBe(true);
        expect(clicked).toEqual([...clicked].sort((left, right) => left - right));
      }),
    );
  });
});
