import { floatAttribute, intAttribute } from '../../graph/graph.ts';
import type { GradientRule } from '../gradient-rule.ts';
import { groupedNormalization } from '../support/grouped-norm.ts';

/** Channels are normalized in groups (Wu and He 2018, arXiv:1803.08494), with one weight a channel as since opset 21. */
export const groupNormalizationRule: GradientRule = {
  op: 'GroupNormalization',
  gradient(context) {
    const groups = intAttribute(context.node, 'num_groups', 1);
    return groupedNormalization(context, groups, floatAttribute(context.node, 'epsilon', 1e-5));
  },
};
