import { number } from '../support/numbers.ts';
import { reduction } from '../support/reduction.ts';

/** d‖x‖ = x · dx / ‖x‖; zero for a zero vector. */
export const reduceL2Rule = reduction('ReduceL2', ({ builder, input, output, gradient }) => {
  const zero = number(builder, output, 0);
  const ratio = builder.where(builder.equal(output, zero), zero, builder.div(gradient, output));
  return builder.mul(input, ratio);
});
