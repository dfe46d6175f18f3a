import { stringAttribute } from '../../graph/graph.ts';
import { elementwise } from '../support/elementwise.ts';
import { exactGeluSlope, tanhGeluSlope } from '../support/gelu.ts';

/** Gaussian error linear unit, exact or in its tanh approximation. */
export const geluRule = elementwise('Gelu', ({ builder, node, input, gradient }) => {
  const exact = stringAttribute(node, 'approximate', 'none') === 'none';
  return builder.mul(gradient, exact ? exactGeluSlope(builder, input) : tanhGeluSlope(builder, input));
});
