import type { GraphBuilder } from '../../graph/graph-builder.ts';
import type { Value } from '../../graph/static-graph.ts';
import type { GradientRule } from '../gradient-rule.ts';
import { inputOf, integersOf, outputGradient } from '../support/context.ts';
import { padded } from '../support/pieces.ts';
import { type SlicedAxis, slicedAxes } from '../support/slice-plan.ts';

/** The gradient is put back among zeros. */
export const sliceRule: GradientRule = {
  op: 'Slice',
  gradient(context) {
    const { dims } = inputOf(context, 0);
    const starts = integersOf(context, 1) ?? [];
    const sliced = slicedAxes(dims, starts, integersOf(context, 3), integersOf(context, 4));
    const zeros = dims.map(() => 0);
    let gradient = outputGradient(context);
    for (const one of sliced) {
      if (one.step !== 1) {
        gradient = spread(context.builder, gradient, one, dims[one.axis] as number);
        continue;
      }
      const behind = (dims[one.axis] as number) - one.first - (gradient.dims[one.axis] as number);
      gradient = padded(context.builder, gradient, zeros.with(one.axis, one.first), zeros.with(one.axis, behind));
    }
    return [gradient];
  },
};

/** For other steps: every element of the axis fetches its gradient, or a zero that stands behind them. */
function spread(builder: GraphBuilder, gradient: Value, { axis, first, step }: SlicedAxis, size: number): Value {
  const taken = gradient.dims[axis] as number;
  const zeros = gradient.dims.map(() => 0);
  const withZero = padded(builder, gradient, zeros, zeros.with(axis, 1));
  const sources = Array.from({ length: size }, (_, position) => {
    const source = (position - first) / step;
    return Number.isInteger(source) && source >= 0 && source < taken ? source : taken;
  });
  const result = { type: gradient.type, dims: gradient.dims.with(axis, size) };
  return builder.node('Gather', [withZero, builder.ints(sources)], result, { axis });
}
