import { convolutionCases } from './cases/convolutions.ts';
import { checkCases } from './check-cases.ts';

checkCases(convolutionCases);
