import fc from 'fast-check';
import { test } from 'vitest';
import { worstGradientError } from '../../../support/finite-differences.ts';
import type { GradientCase } from '../../../support/gradient-cases.ts';

/** Relative to the largest element of a gradient; what single precision and the steps' width leave uncertain is below. */
const TOLERANCE = 2e-3;

/** One test a case: its gradients agree with finite differences over random shapes, values and wanted inputs. */
export function checkCases(cases: readonly GradientCase[], runs = 25): void {
  for (const { op, form, trials } of cases) {
    test(`the gradient of ${op}${form === '' ? '' : ` (${form})`} agrees with finite differences`, async () => {
      const agrees = fc.asyncProperty(trials, async (trial) => {
        const error = await worstGradientError(trial);
        if (error > TOLERANCE)
          throw new Error(`relative error ${error}, dims ${JSON.stringify(trial.inputs.map((input) => input.dims))}`);
      });
      await fc.assert(agrees, { numRuns: runs });
    });
  }
}
