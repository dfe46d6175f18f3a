import { elementwise } from '../support/elementwise.ts';

/** d cos x = −sin x dx. */
export const cosRule = elementwise('Cos', ({ builder, input, gradient }) =>
  builder.unary('Neg', builder.mul(gradient, builder.unary('Sin', input))),
);
