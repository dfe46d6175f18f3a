import { intAttribute } from '../../graph/graph.ts';
import type { GradientRule } from '../gradient-rule.ts';
import { inputOf, outputGradient } from '../support/context.ts';
import { scatteredElements } from '../support/scatter.ts';

/** Each element that was taken gets the sum of the gradients of its copies. */
export const gatherElementsRule: GradientRule = {
  op: 'GatherElements',
  gradient(context) {
    const axis = intAttribute(context.node, 'axis', 0);
    const { dims } = inputOf(context, 0);
    return [scatteredElements(context.builder, dims, inputOf(context, 1), outputGradient(context), axis)];
  },
};
