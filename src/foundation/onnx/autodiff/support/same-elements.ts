import type { GradientRule } from '../gradient-rule.ts';
import { inputOf, outputGradient } from './context.ts';

/** A rule for operators that only give the same elements other dimensions: the gradient gets the input's back. */
export const sameElements = (op: string): GradientRule => ({
  op,
  gradient(context) {
    return [context.builder.reshape(outputGradient(context), inputOf(context, 0).dims)];
  },
});
