import { elementwiseCases } from './cases/elementwise.ts';
import { checkCases } from './check-cases.ts';

checkCases(elementwiseCases);
