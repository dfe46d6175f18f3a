import { elementwise } from '../support/elementwise.ts';
import { number } from '../support/numbers.ts';

/** d x/(1 + |x|) = dx / (1 + |x|)². */
export const softsignRule = elementwise('Softsign', ({ builder, input, gradient }) => {
  const below = builder.add(builder.unary('Abs', input), number(builder, input, 1));
  return builder.div(gradient, builder.mul(below, below));
});
