import { intAttribute } from '../../graph/graph.ts';
import type { Value } from '../../graph/static-graph.ts';
import type { GradientRule } from '../gradient-rule.ts';
import { inputOf } from '../support/context.ts';
import { joined } from '../support/pieces.ts';
import { zerosLike } from '../support/zeros.ts';

/** The gradients of the parts are joined again; a part that nobody uses counts as zero. */
export const splitRule: GradientRule = {
  op: 'Split',
  gradient(context) {
    const { builder, outputs, outputGradients } = context;
    const rank = inputOf(context, 0).dims.length;
    const axis = (intAttribute(context.node, 'axis', 0) + rank) % rank;
    const parts = outputs.map((output: Value, index) => outputGradients[index] ?? zerosLike(builder, output));
    return [joined(builder, parts, axis)];
  },
};
