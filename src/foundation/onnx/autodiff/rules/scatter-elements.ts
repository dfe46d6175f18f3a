import { intAttribute, stringAttribute } from '../../graph/graph.ts';
import type { GradientRule } from '../gradient-rule.ts';
import { inputOf, notCovered, outputGradient } from '../support/context.ts';
import { zerosLike } from '../support/zeros.ts';

/** Elements that were written over get no gradient, the written ones get theirs; added ones get it beside the others. */
export const scatterElementsRule: GradientRule = {
  op: 'ScatterElements',
  gradient(context) {
    const { builder, node, wanted } = context;
    const reduction = stringAttribute(node, 'reduction', 'none');
    if (reduction !== 'none' && reduction !== 'add') throw notCovered(node, `its reduction is ${reduction}`);
    const axis = intAttribute(node, 'axis', 0);
    const gradient = outputGradient(context);
    const [indices, updates] = [inputOf(context, 1), inputOf(context, 2)];
    const kept = (): typeof gradient =>
      builder.node('ScatterElements', [gradient, indices, zerosLike(builder, updates)], gradient, { axis });
    return [
      wanted[0] ? (reduction === 'add' ? gradient : kept()) : null,
      null,
      wanted[2] ? builder.node('GatherElements', [gradient, indices], updates, { axis }) : null,
    ];
  },
};
