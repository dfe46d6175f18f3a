import { stopGradient } from '../../../foundation/onnx/autodiff/stop-gradient.ts';
import type { GraphBuilder } from '../../../foundation/onnx/graph/graph-builder.ts';
import type { Value } from '../../../foundation/onnx/graph/static-graph.ts';

/** `left · rightᵀ`: of `[rows, dimensions]` and `[columns, dimensions]` the `[rows, columns]` inner products. */
export const similarities = (builder: GraphBuilder, left: Value, right: Value): Value =>
  builder.matMul(left, builder.transposeLast(right));

/** Row by row the inner product of two `[rows, dimensions]`: `[rows]`. */
export const rowSimilarities = (builder: GraphBuilder, left: Value, right: Value): Value =>
  builder.reduce('ReduceSum', builder.mul(left, right), [-1], false);

/** log Σ exp over one axis, which is dropped; shifted by the largest logit so that nothing overflows. */
export function logSumExp(builder: GraphBuilder, logits: Value, axis: number): Value {
  const most = stopGradient(builder, builder.reduce('ReduceMax', logits, [axis]));
  const shifted = builder.unary('Exp', builder.sub(logits, most));
  const sum = builder.unary('Log', builder.reduce('ReduceSum', shifted, [axis], false));
  return builder.add(sum, builder.reshape(most, sum.dims));
}

/** The mean of all elements, a scalar; with `weights` of the same dimensions Σ w·x / Σ w. */
export function weightedMean(builder: GraphBuilder, values: Value, weights?: Value): Value {
  const axes = values.dims.map((_, axis) => axis);
  if (weights === undefined) return builder.reduce('ReduceMean', values, axes, false);
  const sum = builder.reduce('ReduceSum', builder.mul(values, weights), axes, false);
  return builder.div(sum, builder.reduce('ReduceSum', weights, axes, false));
}

/** `value[from … to)` along one axis. */
export function sliceAxis(builder: GraphBuilder, value: Value, axis: number, from: number, to: number): Value {
  const place = axis < 0 ? axis + value.dims.length : axis;
  if (from === 0 && to === value.dims[place]) return value;
  const dims = value.dims.map((size, at) => (at === place ? to - from : size));
  const range = [[from], [to], [place]].map((ints) => builder.ints(ints));
  return builder.node('Slice', [value, ...range], { type: value.type, dims });
}

/** Rows (the last axis) scaled to length 1; as the encoder does it, a length below 1e-12 counts as 1e-12. */
export function unitRows(builder: GraphBuilder, vectors: Value): Value {
  const squares = builder.reduce('ReduceSum', builder.mul(vectors, vectors), [-1]);
  // The square root has no slope at 0: the floor lies under it, not behind it.
  const floor = builder.scalar(1e-24);
  const bounded = builder.node('Max', [squares, floor], squares);
  return builder.div(vectors, builder.unary('Sqrt', bounded));
}

export const scaled = (builder: GraphBuilder, value: Value, factor: number): Value =>
  factor === 1 ? value : builder.mul(value, builder.scalar(factor));
