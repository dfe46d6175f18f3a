import { elementwise } from '../support/elementwise.ts';
import { number } from '../support/numbers.ts';

/** d tanh x = (1 − tanh² x) dx. */
export const tanhRule = elementwise('Tanh', ({ builder, output, gradient }) =>
  builder.mul(gradient, builder.sub(number(builder, output, 1), builder.mul(output, output))),
);
