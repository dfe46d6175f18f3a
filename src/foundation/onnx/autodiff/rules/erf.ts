import { elementwise } from '../support/elementwise.ts';
import { scale } from '../support/numbers.ts';

/** d erf(x) = 2/√π e^(−x²) dx. */
export const erfRule = elementwise('Erf', ({ builder, input, gradient }) => {
  const bell = builder.unary('Exp', builder.mul(input, builder.unary('Neg', input)));
  return builder.mul(scale(builder, gradient, 2 / Math.sqrt(Math.PI)), bell);
});
