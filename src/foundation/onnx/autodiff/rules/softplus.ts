import { elementwise } from '../support/elementwise.ts';

/** d ln(1 + eˣ) = σ(x) dx. */
export const softplusRule = elementwise('Softplus', ({ builder, input, gradient }) =>
  builder.mul(gradient, builder.unary('Sigmoid', input)),
);
