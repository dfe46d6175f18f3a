import { elementwise } from '../support/elementwise.ts';
import { number } from '../support/numbers.ts';

/** dσ(x) = σ(x) (1 − σ(x)) dx. */
export const sigmoidRule = elementwise('Sigmoid', ({ builder, output, gradient }) =>
  builder.mul(gradient, builder.mul(output, builder.sub(number(builder, output, 1), output))),
);
