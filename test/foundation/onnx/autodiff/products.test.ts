import { productCases } from './cases/products.ts';
import { checkCases } from './check-cases.ts';

checkCases(productCases);
