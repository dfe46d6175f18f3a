import { elementwise } from '../support/elementwise.ts';

/** d sin x = cos x dx. */
export const sinRule = elementwise('Sin', ({ builder, input, gradient }) =>
  builder.mul(gradient, builder.unary('Cos', input)),
);
