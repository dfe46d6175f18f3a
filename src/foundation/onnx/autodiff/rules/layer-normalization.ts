import { intAttribute } from '../../graph/graph.ts';
import type { GradientRule } from '../gradient-rule.ts';
import { inputOf, outputGradient } from '../support/context.ts';
import { layerNormalizationGradients } from '../support/norm.ts';

/** The forward node is asked for its mean and inverse deviation, so that nothing is reduced twice. */
export const layerNormalizationRule: GradientRule = {
  op: 'LayerNormalization',
  gradient(context) {
    const { builder, node, wanted } = context;
    const [input, weight] = [inputOf(context, 0), inputOf(context, 1)];
    const rank = input.dims.length;
    const firstAxis = (intAttribute(node, 'axis', -1) + rank) % rank;
    const statistic = { type: input.type, dims: input.dims.map((size, axis) => (axis >= firstAxis ? 1 : size)) };
    const mean = builder.outputOf(node, 1, statistic);
    const inverse = builder.outputOf(node, 2, statistic);
    const gradient = outputGradient(context);
    return layerNormalizationGradients(builder, { input, weight, mean, inverse, gradient, firstAxis, wanted });
  },
};
