import type { GradientRule } from '../gradient-rule.ts';
import { keepWhere } from '../support/between.ts';
import { inputOf, outputGradient } from '../support/context.ts';
import { number } from '../support/numbers.ts';

/** Slope 1 above zero, below it a learned slope that broadcasts. */
export const pReluRule: GradientRule = {
  op: 'PRelu',
  gradient(context) {
    const { builder, wanted } = context;
    const gradient = outputGradient(context);
    const [input, slope] = [inputOf(context, 0), inputOf(context, 1)];
    const below = builder.less(input, number(builder, input, 0));
    return [
      wanted[0] ? builder.where(below, builder.mul(gradient, slope), gradient) : null,
      wanted[1] ? builder.sumTo(keepWhere(builder, below, builder.mul(gradient, input)), slope.dims) : null,
    ];
  },
};
