import type { Value } from '../../graph/static-graph.ts';
import type { GradientRule } from '../gradient-rule.ts';
import { keepWhere } from '../support/between.ts';
import { inputOf, outputGradient } from '../support/context.ts';

/** Passes where nothing was cut; what was cut goes to the bound. */
export const clipRule: GradientRule = {
  op: 'Clip',
  gradient(context) {
    const { builder, inputs, wanted, outputs } = context;
    const gradient = outputGradient(context);
    const input = inputOf(context, 0);
    const [, low, high] = inputs;
    const total = (where: Value): Value => builder.sumTo(keepWhere(builder, where, gradient), []);
    return [
      wanted[0] ? keepWhere(builder, builder.equal(input, outputs[0] as Value), gradient) : null,
      wanted[1] && low ? builder.reshape(total(builder.less(input, low)), low.dims) : null,
      wanted[2] && high ? builder.reshape(total(builder.greater(input, high)), high.dims) : null,
    ];
  },
};
