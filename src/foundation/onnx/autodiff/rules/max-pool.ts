import { sizeOf } from '../../graph/tensor.ts';
import type { GradientRule } from '../gradient-rule.ts';
import { inputOf, outputGradient } from '../support/context.ts';
import { scatteredElements } from '../support/scatter.ts';

/** The forward node is asked where it found each maximum; the gradients are added there. */
export const maxPoolRule: GradientRule = {
  op: 'MaxPool',
  gradient(context) {
    const { builder, node } = context;
    const { dims } = inputOf(context, 0);
    const gradient = outputGradient(context);
    const places = builder.outputOf(node, 1, { type: 'int64', dims: gradient.dims });
    const flat = [sizeOf(gradient.dims)];
    const [places1, gradient1] = [builder.reshape(places, flat), builder.reshape(gradient, flat)];
    return [builder.reshape(scatteredElements(builder, [sizeOf(dims)], places1, gradient1, 0), dims)];
  },
};
