import type { GradientRule } from '../gradient-rule.ts';
import { inputOf, outputGradient } from '../support/context.ts';

/** Every axis of the gradient is split into repeats and the repeated; the repeats are summed. */
export const tileRule: GradientRule = {
  op: 'Tile',
  gradient(context) {
    const { builder } = context;
    const { dims } = inputOf(context, 0);
    const gradient = outputGradient(context);
    const split = dims.flatMap((size, axis) => [(gradient.dims[axis] as number) / size, size]);
    const repeats = dims.map((_, axis) => 2 * axis);
    return [builder.reduce('ReduceSum', builder.reshape(gradient, split), repeats, false)];
  },
};
