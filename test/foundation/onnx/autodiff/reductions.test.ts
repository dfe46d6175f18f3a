import { reductionCases } from './cases/reductions.ts';
import { checkCases } from './check-cases.ts';

checkCases(reductionCases);
