import type { GradientRule } from '../gradient-rule.ts';
import { inputOf, outputGradient } from '../support/context.ts';
import { number } from '../support/numbers.ts';

/** The gradient goes to the side that was chosen. */
export const whereRule: GradientRule = {
  op: 'Where',
  gradient(context) {
    const { builder, wanted } = context;
    const gradient = outputGradient(context);
    const condition = inputOf(context, 0);
    const zero = number(builder, gradient, 0);
    return [
      null,
      wanted[1] ? builder.sumTo(builder.where(condition, gradient, zero), inputOf(context, 1).dims) : null,
      wanted[2] ? builder.sumTo(builder.where(condition, zero, gradient), inputOf(context, 2).dims) : null,
    ];
  },
};
