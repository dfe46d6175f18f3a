import { intAttribute } from '../../graph/graph.ts';
import type { GradientRule } from '../gradient-rule.ts';
import { outputGradient } from '../support/context.ts';

/** The same triangle of the gradient. */
export const triluRule: GradientRule = {
  op: 'Trilu',
  gradient(context) {
    const gradient = outputGradient(context);
    const diagonal = context.inputs[1] ?? null;
    const upper = intAttribute(context.node, 'upper', 1);
    return [context.builder.node('Trilu', [gradient, diagonal], gradient, { upper })];
  },
};
