import { createRandom } from '../../../foundation/core/random.ts';
import { mean } from '../metrics.ts';

export interface PermutationOptions {
  readonly seed?: number;
  /** Random sign patterns where there are too many to try all of them. */
  readonly permutations?: number;
}

export interface PermutationResult {
  readonly mean: number;
  /** Two-sided. */
  readonly pValue: number;
  /** All sign patterns were tried. */
  readonly exact: boolean;
}

/** 2¹⁴ patterns are fewer than the random ones would be. */
const EXACT_UP_TO = 14;

/**
 * Paired permutation test (Fisher 1935; for search by Smucker, Allan and Carterette 2007): were both rankings equal,
 * each query's difference could as well have the other sign. The p-value is the share of sign patterns whose mean is at least as far
 * from 0; of random patterns (b + 1) / (m + 1), which is never 0 (Phipson and Smyth 2010).
 *
 * @example pairedPermutationTest(after.map((value, query) => value - before[query])).pValue
 */
export function pairedPermutationTest(
  differences: readonly number[],
  options: PermutationOptions = {},
): PermutationResult {
  const { seed = 1, permutations = 20_000 } = options;
  // Zeros stay zeros under either sign.
  const moved = differences.filter((difference) => difference !== 0);
  const observed = Math.abs(moved.reduce((sum, difference) => sum + difference, 0));
  // Sums of the same numbers in another order differ by rounding.
  const threshold = observed - 1e-12 * moved.reduce((sum, difference) => sum + Math.abs(difference), 0);
  const centre = mean(differences);
  if (moved.length <= EXACT_UP_TO) {
    const patterns = 2 ** moved.length;
    let extreme = 0;
    for (let pattern = 0; pattern < patterns; pattern++) {
      const sum = moved.reduce(
        (total, difference, bit) => total + ((pattern >> bit) & 1 ? -difference : difference),
        0,
      );
      if (Math.abs(sum) >= threshold) extreme++;
    }
    return { mean: centre, pValue: extreme / patterns, exact: true };
  }
  const random = createRandom(seed);
  let extreme = 0;
  for (let round = 0; round < permutations; round++) {
    let sum = 0;
    let bits = 0;
    for (let index = 0; index < moved.length; index++) {
      if (index % 24 === 0) bits = random.integer(2 ** 24);
      sum += bits & 1 ? (moved[index] as number) : -(moved[index] as number);
      bits >>= 1;
    }
    if (Math.abs(sum) >= threshold) extreme++;
  }
  return { mean: centre, pValue: (extreme + 1) / (permutations + 1), exact: false };
}
