import { elementwise } from '../support/elementwise.ts';

/** d(1/x) = −dx / x². */
export const reciprocalRule = elementwise('Reciprocal', ({ builder, output, gradient }) =>
  builder.unary('Neg', builder.mul(gradient, builder.mul(output, output))),
);
