import type { Value } from '../../graph/static-graph.ts';
import { ELEMENT_TYPES } from '../../graph/tensor.ts';
import type { GradientRule } from '../gradient-rule.ts';
import { keepWhere } from '../support/between.ts';
import { inputOf, outputGradient } from '../support/context.ts';

/** The gradient goes to the largest position of each channel; equal ones share it. */
export const globalMaxPoolRule: GradientRule = {
  op: 'GlobalMaxPool',
  gradient(context) {
    const { builder, outputs } = context;
    const input = inputOf(context, 0);
    const chosen = builder.equal(input, outputs[0] as Value);
    const ones = builder.cast(chosen, input.type, ELEMENT_TYPES[input.type].code);
    const axes = input.dims.flatMap((_, axis) => (axis > 1 ? [axis] : []));
    const share = builder.div(outputGradient(context), builder.reduce('ReduceSum', ones, axes));
    return [keepWhere(builder, chosen, share)];
  },
};
