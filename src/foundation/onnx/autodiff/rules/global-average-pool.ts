import { sizeOf } from '../../graph/tensor.ts';
import type { GradientRule } from '../gradient-rule.ts';
import { inputOf, outputGradient } from '../support/context.ts';
import { scale } from '../support/numbers.ts';

/** Each of n positions takes the n-th part. */
export const globalAveragePoolRule: GradientRule = {
  op: 'GlobalAveragePool',
  gradient(context) {
    const { dims } = inputOf(context, 0);
    const each = scale(context.builder, outputGradient(context), 1 / sizeOf(dims.slice(2)));
    return [context.builder.expand(each, dims)];
  },
};
