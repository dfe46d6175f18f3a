import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../src/foundation/core/random.ts';
import { clicksOf, EXAMINATION } from '../../../src/learning/evaluation/shopper.ts';

describe('a simulated shopper', () => {
  it('clicks each position at the rate of the position-based model', () => {
    const random = createRandom(3);
    const attractions = EXAMINATION.map((_, index) => (index % 2 === 0 ? 1 : 0));
    const counts = EXAMINATION.map(() => 0);
    const rounds = 20_000;
    for (let round = 0; round < rounds; round++) {
      for (const index of clicksOf(attractions, random, { noise: 0.1 })) counts[index] = (counts[index] as number) + 1;
    }
    EXAMINATION.forEach((examination, index) => {
      const expected = examination * (0.1 + 0.9 * (attractions[index] as number));
      expect(Math.abs((counts[index] as number) / rounds - expected)).toBeLessThan(0.012);
    });
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
});
