import { describe, expect, it } from 'vitest';
import { StudioError } from '../../../../src/foundation/core/errors.ts';
import { createRandom } from '../../../../src/foundation/core/random.ts';
import { sampleRatio } from '../../../../src/learning/evaluation/statistics/sample-ratio.ts';

describe('the sample ratio test', () => {
  it('gives the chi-squared p-value', () => {
    // (60 − 50)² / 50 + (40 − 50)² / 50 = 4; the tail above 4 with one degree is .0455.
    expect(sampleRatio([60, 40], [0.5, 0.5]).pValue).toBeCloseTo(0.0455003, 6);
  });

  it('finds one percent of lost sessions in a large test, and does not mind chance', () => {
    expect(sampleRatio([500_000, 490_000], [0.5, 0.5]).mismatch).toBe(true);
    expect(sampleRatio([5100, 4900], [0.5, 0.5]).mismatch).toBe(false);
    expect(sampleRatio([0, 0], [0.9, 0.1])).toEqual({ pValue: 1, alwaysValidPValue: 1, mismatch: false });
  });

  it('hardly ever alarms falsely when looked at after every session', () => {
    let alarms = 0;
    for (let stream = 0; stream < 200; stream++) {
      const random = createRandom(stream);
      const counts: [number, number] = [0, 0];
      for (let session = 0; session < 1000; session++) {
        counts[random.next() < 0.9 ? 0 : 1]++;
        if (sampleRatio(counts, [0.9, 0.1]).alwaysValidPValue > 0.05) continue;
        alarms++;
        break;
      }
    }
    expect(alarms / 200).toBeLessThanOrEqual(0.05);
  });

  it('refuses shares that do not sum to 1', () => {
    expect(() => sampleRatio([1, 1], [0.5, 0.4])).toThrow(StudioError);
    expect(() => sampleRatio([1, 1], [1, 0])).toThrow(StudioError);
    expect(() => sampleRatio([1], [0.5, 0.5])).toThrow(StudioError);
  });
});
