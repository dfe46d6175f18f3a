import { arithmeticCases } from './cases/arithmetic.ts';
import { checkCases } from './check-cases.ts';

checkCases(arithmeticCases);
