import { floatAttribute } from '../../graph/graph.ts';
import { elementwise } from '../support/elementwise.ts';
import { number } from '../support/numbers.ts';

/** Slope 1 above zero; below, α eˣ = y + α. */
export const eluRule = elementwise('Elu', ({ builder, node, input, output, gradient }) => {
  const slope = builder.add(output, number(builder, output, floatAttribute(node, 'alpha', 1)));
  return builder.where(builder.greater(input, number(builder, input, 0)), gradient, builder.mul(gradient, slope));
});
