import { intsAttribute } from '../../graph/graph.ts';
import type { GradientRule } from '../gradient-rule.ts';
import { outputGradient } from '../support/context.ts';

/** The gradient's axes are put back where they came from. */
export const transposeRule: GradientRule = {
  op: 'Transpose',
  gradient(context) {
    const gradient = outputGradient(context);
    const axes = gradient.dims.map((_, axis) => axis);
    const permutation = intsAttribute(context.node, 'perm') ?? axes.toReversed();
    return [
      context.builder.transpose(
        gradient,
        axes.map((axis) => permutation.indexOf(axis)),
      ),
    ];
  },
};
