import type { GradientRule } from '../gradient-rule.ts';
import { inputOf, outputGradient } from '../support/context.ts';

/** Every summand takes the gradient as it is. */
export const sumRule: GradientRule = {
  op: 'Sum',
  gradient(context) {
    const { builder, wanted } = context;
    const gradient = outputGradient(context);
    return wanted.map((want, index) => (want ? builder.sumTo(gradient, inputOf(context, index).dims) : null));
  },
};
