import { floatAttribute } from '../../graph/graph.ts';
import type { GradientRule } from '../gradient-rule.ts';
import { inputOf } from '../support/context.ts';
import { groupedNormalization } from '../support/grouped-norm.ts';

/** Every channel of every picture is normalized by itself. */
export const instanceNormalizationRule: GradientRule = {
  op: 'InstanceNormalization',
  gradient(context) {
    const channels = inputOf(context, 0).dims[1] as number;
    return groupedNormalization(context, channels, floatAttribute(context.node, 'epsilon', 1e-5));
  },
};
