import type { GradientRule } from '../gradient-rule.ts';
import { inputOf, outputGradient } from '../support/context.ts';

/** What was repeated is summed. */
export const expandRule: GradientRule = {
  op: 'Expand',
  gradient(context) {
    return [context.builder.sumTo(outputGradient(context), inputOf(context, 0).dims)];
  },
};
