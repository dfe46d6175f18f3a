import { intAttribute } from '../../graph/graph.ts';
import type { GradientRule } from '../gradient-rule.ts';
import { inputOf, outputGradient } from '../support/context.ts';

/** A running sum's gradient is the running sum from the other end. */
export const cumSumRule: GradientRule = {
  op: 'CumSum',
  gradient(context) {
    const { builder, node } = context;
    const gradient = outputGradient(context);
    const exclusive = intAttribute(node, 'exclusive', 0);
    const reverse = 1 - intAttribute(node, 'reverse', 0);
    return [builder.node('CumSum', [gradient, inputOf(context, 1)], gradient, { exclusive, reverse })];
  },
};
