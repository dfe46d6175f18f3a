import { normalizationCases } from './cases/normalizations.ts';
import { checkCases } from './check-cases.ts';

checkCases(normalizationCases);
