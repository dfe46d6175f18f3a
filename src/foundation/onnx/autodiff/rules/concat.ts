import { intAttribute } from '../../graph/graph.ts';
import type { GradientRule } from '../gradient-rule.ts';
import { inputOf, outputGradient } from '../support/context.ts';
import { part } from '../support/pieces.ts';

/** Every input takes its part of the gradient. */
export const concatRule: GradientRule = {
  op: 'Concat',
  gradient(context) {
    const gradient = outputGradient(context);
    const rank = gradient.dims.length;
    const axis = (intAttribute(context.node, 'axis', 0) + rank) % rank;
    let start = 0;
    return context.inputs.map((_, index) => {
      const end = start + (inputOf(context, index).dims[axis] as number);
      const own = context.wanted[index] ? part(context.builder, gradient, axis, start, end) : null;
      start = end;
      return own;
    });
  },
};
