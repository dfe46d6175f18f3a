import { shapeCases } from './cases/shapes.ts';
import { checkCases } from './check-cases.ts';

checkCases(shapeCases);
