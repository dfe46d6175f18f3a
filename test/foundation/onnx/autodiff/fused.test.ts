import { fusedCases } from './cases/fused.ts';
import { checkCases } from './check-cases.ts';

checkCases(fusedCases);
