import { ELEMENT_TYPES } from '../../graph/tensor.ts';
import type { GradientRule } from '../gradient-rule.ts';
import { keepWhere } from './between.ts';
import { reduction } from './reduction.ts';

/** A rule for reductions that choose an element: the gradient goes there, in equal parts to equal elements. */
export const extremum = (op: string): GradientRule =>
  reduction(op, ({ builder, input, output, gradient, axes }) => {
    const chosen = builder.equal(input, output);
    const ones = builder.cast(chosen, input.type, ELEMENT_TYPES[input.type].code);
    return keepWhere(builder, chosen, builder.div(gradient, builder.reduce('ReduceSum', ones, axes)));
  });
