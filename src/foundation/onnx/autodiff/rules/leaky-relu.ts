import { floatAttribute } from '../../graph/graph.ts';
import { elementwise } from '../support/elementwise.ts';
import { number, scale } from '../support/numbers.ts';

/** Slope 1 above zero, alpha below. */
export const leakyReluRule = elementwise('LeakyRelu', ({ builder, node, input, gradient }) => {
  const below = scale(builder, gradient, floatAttribute(node, 'alpha', 0.01));
  return builder.where(builder.greater(input, number(builder, input, 0)), gradient, below);
});
