import { gatherCases } from './cases/gathers.ts';
import { checkCases } from './check-cases.ts';

checkCases(gatherCases);
