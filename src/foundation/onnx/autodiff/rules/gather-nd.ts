import { intAttribute } from '../../graph/graph.ts';
import type { GraphBuilder } from '../../graph/graph-builder.ts';
import type { Value } from '../../graph/static-graph.ts';
import { int64, sizeOf } from '../../graph/tensor.ts';
import type { GradientRule } from '../gradient-rule.ts';
import { inputOf, outputGradient } from '../support/context.ts';
import { scatteredRows } from '../support/scatter.ts';

/** Each slice that was taken gets the sum of the gradients of its copies. */
export const gatherNdRule: GradientRule = {
  op: 'GatherND',
  gradient(context) {
    const { builder, node } = context;
    const [data, indices] = [inputOf(context, 0), inputOf(context, 1)];
    const batchRank = intAttribute(node, 'batch_dims', 0);
    const places = placesOf(builder, data.dims, indices, batchRank);
    const slice = sizeOf(data.dims.slice(batchRank + (indices.dims.at(-1) as number)));
    const rows = builder.reshape(outputGradient(context), [sizeOf(places.dims), slice]);
    return [builder.reshape(scatteredRows(builder, sizeOf(data.dims) / slice, places, rows), data.dims)];
  },
};

/** The number of each slice that was taken, counted over the whole input. */
function placesOf(builder: GraphBuilder, dims: readonly number[], indices: Value, batchRank: number): Value {
  const rank = indices.dims.at(-1) as number;
  const indexed = dims.slice(batchRank, batchRank + rank);
  const perBatch = sizeOf(indexed);
  const strides = indexed.map((_, axis) => sizeOf(indexed.slice(axis + 1)));
  const count = sizeOf(indices.dims) / rank;
  const flat = builder.reshape(indices, [count, rank]);
  const positive = builder.node('Mod', [flat, builder.ints(indexed)], flat);
  const within = builder.reduce('ReduceSum', builder.mul(positive, builder.ints(strides)), [1], false);
  const batches = sizeOf(dims.slice(0, batchRank));
  const first = Array.from({ length: count }, (_, at) => Math.floor((at * batches) / count) * perBatch);
  return batches === 1 ? within : builder.add(within, builder.constant(int64(first)));
}
