import { elementwise } from '../support/elementwise.ts';
import { number } from '../support/numbers.ts';

/** Of x t with t = tanh(softplus(x)): t + x (1 − t²) σ(x) (Misra 2019, arXiv:1908.08681). */
export const mishRule = elementwise('Mish', ({ builder, input, gradient }) => {
  const bend = builder.unary('Tanh', builder.unary('Softplus', input));
  const slope = builder.sub(number(builder, input, 1), builder.mul(bend, bend));
  const gated = builder.mul(builder.mul(input, builder.unary('Sigmoid', input)), slope);
  return builder.mul(gradient, builder.add(bend, gated));
});
