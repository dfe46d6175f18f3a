import type { GradientRule } from '../gradient-rule.ts';
import { inputOf, outputGradient } from '../support/context.ts';

/** d(a + b) = da + db. */
export const addRule: GradientRule = {
  op: 'Add',
  gradient(context) {
    const { builder, wanted } = context;
    const gradient = outputGradient(context);
    return [0, 1].map((index) => (wanted[index] ? builder.sumTo(gradient, inputOf(context, index).dims) : null));
  },
};
