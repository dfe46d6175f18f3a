import { floatAttribute } from '../../graph/graph.ts';
import { elementwise } from '../support/elementwise.ts';
import { number, scale } from '../support/numbers.ts';

/** Of x s with s = σ(α x): s + α y (1 − s). */
export const microsoftQuickGeluRule = elementwise(
  'com.microsoft.QuickGelu',
  ({ builder, node, input, output, gradient }) => {
    const alpha = floatAttribute(node, 'alpha', 1.702);
    const gate = builder.unary('Sigmoid', scale(builder, input, alpha));
    const closing = scale(builder, builder.sub(number(builder, gate, 1), gate), alpha);
    return builder.mul(gradient, builder.add(gate, builder.mul(output, closing)));
  },
);
