import type { GradientRule } from '../gradient-rule.ts';
import { inputOf, outputGradient } from '../support/context.ts';

/** d(a − b) = da − db. */
export const subRule: GradientRule = {
  op: 'Sub',
  gradient(context) {
    const { builder, wanted } = context;
    const gradient = outputGradient(context);
    return [
      wanted[0] ? builder.sumTo(gradient, inputOf(context, 0).dims) : null,
      wanted[1] ? builder.unary('Neg', builder.sumTo(gradient, inputOf(context, 1).dims)) : null,
    ];
  },
};
