import { elementwise } from '../support/elementwise.ts';

/** d|x| = sign(x) dx; zero at zero. */
export const absRule = elementwise('Abs', ({ builder, input, gradient }) =>
  builder.mul(gradient, builder.unary('Sign', input)),
);
