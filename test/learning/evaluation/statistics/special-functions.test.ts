import { describe, expect, it } from 'vitest';
import {
  chiSquaredTail,
  logBeta,
  logGamma,
  normalBelow,
  normalQuantile,
} from '../../../../src/learning/evaluation/statistics/special-functions.ts';

// Expected values from SciPy 1.17 (scipy.special.gammaln, scipy.stats.chi2.sf, scipy.stats.norm).
describe('special functions', () => {
  it.each([
    [0.1, 2.252712651734206],
    [0.5, 0.5723649429247],
    [3.7, 1.428072326665388],
    [10.2, 13.254266744235549],
    [150.3, 601.5119608335364],
  ])('ln Γ(%d)', (x, expected) => {
    expect(logGamma(x)).toBeCloseTo(expected, 10);
  });

  it('ln B of whole numbers is that of factorials', () => {
    expect(Math.exp(logBeta(3, 4))).toBeCloseTo((2 * 6) / 720, 12);
  });

  it.each([
    [0.5, 1, 0.47950012218695337],
    [3.841458820694124, 1, 0.05],
    [12, 4, 0.01735126523666451],
    [40, 3, 1.065509033425585e-8],
  ])('the chi-squared tail above %d with %d degrees', (statistic, degrees, expected) => {
    expect(chiSquaredTail(statistic, degrees) / expected).toBeCloseTo(1, 10);
  });

  it.each([
    [-3, 0.0013498980316300933],
    [-1, 0.15865525393145707],
    [0.5, 0.6914624612740131],
    [2, 0.9772498680518208],
  ])('the normal distribution below %d, and back', (z, expected) => {
    expect(normalBelow(z)).toBeCloseTo(expected, 12);
    expect(normalQuantile(expected)).toBeCloseTo(z, 10);
  });
});
