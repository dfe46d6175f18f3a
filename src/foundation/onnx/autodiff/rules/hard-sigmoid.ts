import { floatAttribute } from '../../graph/graph.ts';
import { between, keepWhere } from '../support/between.ts';
import { elementwise } from '../support/elementwise.ts';
import { scale } from '../support/numbers.ts';

/** Slope alpha where neither bound is reached. */
export const hardSigmoidRule = elementwise('HardSigmoid', ({ builder, node, output, gradient }) =>
  keepWhere(builder, between(builder, output, 0, 1), scale(builder, gradient, floatAttribute(node, 'alpha', 0.2))),
);
