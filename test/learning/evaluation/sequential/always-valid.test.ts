import { describe, expect, it } from 'vitest';
import { StudioError } from '../../../../src/foundation/core/errors.ts';
import { createRandom, type Random } from '../../../../src/foundation/core/random.ts';
import { BettingSequence } from '../../../../src/learning/evaluation/sequential/betting-sequence.ts';
import {
  addTo,
  differenceSequence,
  meanSequence,
  NO_MOMENTS,
} from '../../../../src/learning/evaluation/sequential/normal-mixture.ts';
import { alwaysValidSign } from '../../../../src/learning/evaluation/sequential/sign-mixture.ts';

/** One stream of values: each call takes one more and says whether the true value is excluded now. */
type Stream = (random: Random) => () => boolean;

const signs =
  (chance: number): Stream =>
  (random) => {
    let [wins, losses] = [0, 0];
    return () => {
      if (random.next() < chance) wins++;
      else losses++;
      const { low, high } = alwaysValidSign(wins, losses);
      return low > 0.5 || high < 0.5;
    };
  };

const means =
  (shift: number): Stream =>
  (random) => {
    let moments = NO_MOMENTS;
    return () => {
      moments = addTo(moments, -Math.log(1 - random.next()) - 1 + shift);
      const { low, high } = meanSequence(moments);
      return low > 0 || high < 0;
    };
  };

const differences =
  (shift: number): Stream =>
  (random) => {
    let [served, candidate] = [NO_MOMENTS, NO_MOMENTS];
    return () => {
      served = addTo(served, random.next());
      candidate = addTo(candidate, random.next() + shift);
      const { low, high } = differenceSequence(served, candidate);
      return low > 0 || high < 0;
    };
  };

const bets =
  (shift: number): Stream =>
  (random) => {
    const sequence = new BettingSequence({ lower: -1, upper: 1, gridSteps: 100 });
    return () => {
      const value = random.next() < 0.5 ? 0 : random.next() < 0.5 + shift ? 0.8 : -0.8;
      const { low, high } = sequence.observe(value);
      return low > 0 || high < 0;
    };
  };

/** Share of streams that exclude 0 at any of many looks. */
function alarms(stream: Stream, streams: number, length: number): number {
  let raised = 0;
  for (let seed = 1; seed <= streams; seed++) {
    const next = stream(createRandom(seed));
    for (let step = 0; step < length; step++) {
      if (!next()) continue;
      raised++;
      break;
    }
  }
  return raised / streams;
}

describe('always-valid inference', () => {
  it.each([
    ['wins against losses', signs(0.5), signs(0.6)],
    ['means', means(0), means(0.3)],
    ['differences of two arms', differences(0), differences(0.1)],
    ['bounded values', bets(0), bets(0.2)],
  ])('about %s: looked at after every value it alarms falsely in at most one of twenty streams, and finds what is there', (_, null_, real) => {
    expect(alarms(null_, 200, 1000)).toBeLessThanOrEqual(0.05);
    expect(alarms(real, 40, 1000)).toBeGreaterThan(0.9);
  });

  it('about wins against losses covers a share other than a half', () => {
    let missed = 0;
    for (let stream = 0; stream < 200; stream++) {
      const random = createRandom(stream);
      let wins = 0;
      for (let count = 1; count <= 300; count++) {
        if (random.next() < 0.8) wins++;
        const { low, high } = alwaysValidSign(wins, count - wins);
        if (low <= 0.8 && high >= 0.8) continue;
        missed++;
        break;
      }
    }
    expect(missed / 200).toBeLessThanOrEqual(0.05);
  });

  it('knows nothing before anything came', () => {
    expect(alwaysValidSign(0, 0)).toEqual({ share: 0.5, low: 0, high: 1, pValue: 1 });
    expect(meanSequence(NO_MOMENTS).low).toBe(Number.NEGATIVE_INFINITY);
    expect(new BettingSequence({ lower: -1, upper: 1 }).interval).toEqual({ mean: 0, low: -1, high: 1 });
  });

  it('excludes a half exactly when the p-value does', () => {
    for (const [wins, losses] of [
      [5, 5],
      [30, 12],
      [60, 20],
      [20, 60],
    ] as const) {
      const { low, high, pValue } = alwaysValidSign(wins, losses);
      expect(low > 0.5 || high < 0.5).toBe(pValue <= 0.05);
    }
  });

  it('refuses values outside the bounds that it was promised', () => {
    expect(() => new BettingSequence({ lower: 0, upper: 1 }).observe(1.1)).toThrow(StudioError);
    expect(() => new BettingSequence({ lower: 1, upper: 1 })).toThrow(StudioError);
  });

  it('keeps moments as two passes over the values would give them', () => {
    const values = [3, 1, 4, 1, 5, 9, 2, 6];
    const { count, mean, squares } = values.reduce(addTo, NO_MOMENTS);
    const centre = values.reduce((sum, value) => sum + value, 0) / values.length;
    expect(count).toBe(8);
    expect(mean).toBeCloseTo(centre, 12);
    expect(squares).toBeCloseTo(
      values.reduce((sum, value) => sum + (value - centre) ** 2, 0),
      12,
    );
  });
});
