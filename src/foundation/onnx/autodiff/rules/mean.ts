import type { GradientRule } from '../gradient-rule.ts';
import { inputOf, outputGradient } from '../support/context.ts';
import { scale } from '../support/numbers.ts';

/** Each of n inputs takes the n-th part of the gradient. */
export const meanRule: GradientRule = {
  op: 'Mean',
  gradient(context) {
    const { builder, wanted } = context;
    const part = scale(builder, outputGradient(context), 1 / wanted.length);
    return wanted.map((want, index) => (want ? builder.sumTo(part, inputOf(context, index).dims) : null));
  },
};
