import { stringAttribute } from '../../graph/graph.ts';
import type { GradientRule } from '../gradient-rule.ts';
import { inputOf, integersOf, notCovered, outputGradient } from '../support/context.ts';
import { padded } from '../support/pieces.ts';

/** What was put around is cut off again; the value that was put there takes what is cut off. */
export const padRule: GradientRule = {
  op: 'Pad',
  gradient(context) {
    const { builder, node, wanted } = context;
    if (stringAttribute(node, 'mode', 'constant') !== 'constant') throw notCovered(node, 'its mode is not constant');
    const gradient = outputGradient(context);
    const rank = gradient.dims.length;
    const pads = integersOf(context, 1) ?? [];
    const axes = integersOf(context, 3) ?? gradient.dims.map((_, axis) => axis);
    const inverse = (half: number): number[] => {
      const sizes = gradient.dims.map(() => 0);
      for (const [position, axis] of axes.entries()) {
        sizes[(axis + rank) % rank] = 0 - (pads[half * axes.length + position] as number);
      }
      return sizes;
    };
    const inner = padded(builder, gradient, inverse(0), inverse(1));
    const byFill = wanted[2] ? builder.sub(builder.sumTo(gradient, []), builder.sumTo(inner, [])) : null;
    return [wanted[0] ? inner : null, null, byFill && builder.reshape(byFill, inputOf(context, 2).dims)];
  },
};
