import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../../src/foundation/core/random.ts';
import { pairedPermutationTest } from '../../../../src/learning/evaluation/statistics/permutation-test.ts';

describe('the paired permutation test', () => {
  it('gives SciPy’s exact p-value', () => {
    // scipy.stats.permutation_test((d,), np.mean, permutation_type='samples', n_resamples=np.inf)
    const result = pairedPermutationTest([0.1, -0.2, 0.35, 0.05, 0, 0.4, -0.1, 0.22]);
    expect(result).toEqual({ mean: expect.closeTo(0.1025, 12) as number, pValue: 0.21875, exact: true });
  });

  it('comes close to the exact value when it draws patterns', () => {
    // Twenty equal differences: only all plus and all minus are as extreme.
    const { pValue, exact } = pairedPermutationTest(Array.from({ length: 16 }, (_, index) => (index < 12 ? 1 : -1)));
    // At least 12 of 16 equal signs: 2 · Σ C(16, k ≥ 12) / 2^16 = 0.0768.
    expect(exact).toBe(false);
    expect(pValue).toBeGreaterThan(0.07);
    expect(pValue).toBeLessThan(0.084);
  });

  it('is never 0 and is 1 when nothing differs', () => {
    expect(pairedPermutationTest(Array.from({ length: 100 }, () => 1)).pValue).toBeGreaterThan(0);
    expect(pairedPermutationTest([0, 0, 0]).pValue).toBe(1);
  });

  it('raises a false alarm at 5 % about five times in a hundred', () => {
    const random = createRandom(3);
    let alarms = 0;
    for (let round = 0; round < 400; round++) {
      const differences = Array.from({ length: 30 }, () => (random.next() - 0.5) ** 3);
      if (pairedPermutationTest(differences, { seed: round, permutations: 400 }).pValue <= 0.05) alarms++;
    }
    expect(alarms / 400).toBeLessThan(0.08);
    expect(alarms / 400).toBeGreaterThan(0.02);
  });
});
