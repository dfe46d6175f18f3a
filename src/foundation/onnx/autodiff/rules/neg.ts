import { elementwise } from '../support/elementwise.ts';

/** d(−x) = −dx. */
export const negRule = elementwise('Neg', ({ builder, gradient }) => builder.unary('Neg', gradient));
