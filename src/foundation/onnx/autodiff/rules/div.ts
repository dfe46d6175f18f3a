import type { Value } from '../../graph/static-graph.ts';
import type { GradientRule } from '../gradient-rule.ts';
import { inputOf, outputGradient } from '../support/context.ts';

/** d(a / b) = da / b − (a / b) db / b. */
export const divRule: GradientRule = {
  op: 'Div',
  gradient(context) {
    const { builder, wanted, outputs } = context;
    const [left, right] = [inputOf(context, 0), inputOf(context, 1)];
    const quotient = builder.div(outputGradient(context), right);
    return [
      wanted[0] ? builder.sumTo(quotient, left.dims) : null,
      wanted[1] ? builder.unary('Neg', builder.sumTo(builder.mul(quotient, outputs[0] as Value), right.dims)) : null,
    ];
  },
};
