import { elementwise } from '../support/elementwise.ts';

/** d eˣ = eˣ dx. */
export const expRule = elementwise('Exp', ({ builder, output, gradient }) => builder.mul(gradient, output));
