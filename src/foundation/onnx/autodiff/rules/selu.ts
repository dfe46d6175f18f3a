import { floatAttribute } from '../../graph/graph.ts';
import { elementwise } from '../support/elementwise.ts';
import { number, scale } from '../support/numbers.ts';

/** Slope γ above zero; below, γ α eˣ = y + γ α. */
export const seluRule = elementwise('Selu', ({ builder, node, input, output, gradient }) => {
  const gamma = floatAttribute(node, 'gamma', 1.0507010221481323);
  const alpha = floatAttribute(node, 'alpha', 1.6732631921768188);
  const below = builder.mul(gradient, builder.add(output, number(builder, output, gamma * alpha)));
  return builder.where(builder.greater(input, number(builder, input, 0)), scale(builder, gradient, gamma), below);
});
