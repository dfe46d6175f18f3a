import { intAttribute } from '../../graph/graph.ts';
import type { GraphBuilder } from '../../graph/graph-builder.ts';
import type { Value } from '../../graph/static-graph.ts';
import { numbersOf, sizeOf } from '../../graph/tensor.ts';
import type { GradientRule } from '../gradient-rule.ts';
import { inputOf, outputGradient } from '../support/context.ts';
import { padded } from '../support/pieces.ts';
import { scatteredRows } from '../support/scatter.ts';

/** Each row that was taken gets the sum of the gradients of its copies. */
export const gatherRule: GradientRule = {
  op: 'Gather',
  gradient(context) {
    const { builder, node } = context;
    const [data, indices] = [inputOf(context, 0), inputOf(context, 1)];
    const gradient = outputGradient(context);
    const rank = data.dims.length;
    const axis = (intAttribute(node, 'axis', 0) + rank) % rank;
    const constant = builder.constantOf(indices);
    const single = constant && sizeOf(indices.dims) === 1 ? numbersOf(constant)[0] : undefined;
    if (single !== undefined) return [placed(builder, data, gradient, axis, single)];
    return [scattered(builder, data, indices, gradient, axis)];
  },
};

/** One known row (a first token, one of query, key and value): zeros around it are cheaper than scattering. */
function placed(builder: GraphBuilder, data: Value, gradient: Value, axis: number, index: number): Value {
  const size = data.dims[axis] as number;
  const position = index < 0 ? index + size : index;
  const zeros = data.dims.map(() => 0);
  const row = builder.reshape(gradient, data.dims.with(axis, 1));
  return padded(builder, row, zeros.with(axis, position), zeros.with(axis, size - 1 - position));
}

/** The gathered axis is brought to the front, rows are added to zeros there, and the axis goes back to its place. */
function scattered(builder: GraphBuilder, data: Value, indices: Value, gradient: Value, axis: number): Value {
  const before = data.dims.slice(0, axis);
  const after = data.dims.slice(axis + 1);
  const [rows, size] = [sizeOf(indices.dims), data.dims[axis] as number];
  const flat = builder.reshape(gradient, [sizeOf(before), rows, sizeOf(after)]);
  const slices = builder.reshape(builder.transpose(flat, [1, 0, 2]), [rows, sizeOf(before) * sizeOf(after)]);
  const sums = scatteredRows(builder, size, builder.reshape(indices, [rows]), slices);
  const back = builder.transpose(builder.reshape(sums, [size, sizeOf(before), sizeOf(after)]), [1, 0, 2]);
  return builder.reshape(back, data.dims);
}
