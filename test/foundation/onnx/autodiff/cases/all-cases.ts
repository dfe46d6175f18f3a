import type { GradientCase } from '../../../../support/gradient-cases.ts';
import { arithmeticCases } from './arithmetic.ts';
import { convolutionCases } from './convolutions.ts';
import { elementwiseCases } from './elementwise.ts';
import { fusedCases } from './fused.ts';
import { gatherCases } from './gathers.ts';
import { normalizationCases } from './normalizations.ts';
import { productCases } from './products.ts';
import { reductionCases } from './reductions.ts';
import { shapeCases } from './shapes.ts';

/** Every operator's cases. */
export const allCases: readonly GradientCase[] = [
  ...elementwiseCases,
  ...arithmeticCases,
  ...reductionCases,
  ...shapeCases,
  ...fusedCases,
  ...gatherCases,
  ...productCases,
  ...normalizationCases,
  ...convolutionCases,
];
