import type { GradientRule } from '../gradient-rule.ts';
import { inputOf, outputGradient } from '../support/context.ts';
import { scale } from '../support/numbers.ts';

/** d(a b) = b da + a db. A square is met once, with slope 2a, instead of twice. */
export const mulRule: GradientRule = {
  op: 'Mul',
  gradient(context) {
    const { builder, wanted } = context;
    const gradient = outputGradient(context);
    const [left, right] = [inputOf(context, 0), inputOf(context, 1)];
    if (left.name === right.name) return [builder.mul(gradient, scale(builder, left, 2)), null];
    return [
      wanted[0] ? builder.sumTo(builder.mul(gradient, right), left.dims) : null,
      wanted[1] ? builder.sumTo(builder.mul(gradient, left), right.dims) : null,
    ];
  },
};
