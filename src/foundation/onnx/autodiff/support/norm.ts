import type { GraphBuilder } from '../../graph/graph-builder.ts';
import type { Value } from '../../graph/static-graph.ts';

/**
 * Gradient by x of x̂ = (x − mean) / deviation, statistics taken over `axes`:
 * dx = (dx̂ − mean(dx̂) − x̂ mean(dx̂ x̂)) / deviation (Ba, Kiros and Hinton 2016, arXiv:1607.06450).
 *
 * @param normalized x̂
 * @param inverse 1 / deviation, broadcasting against x̂
 * @param gradient dx̂
 */
export function throughNormalization(
  builder: GraphBuilder,
  normalized: Value,
  inverse: Value,
  gradient: Value,
  axes: readonly number[],
): Value {
  const mean = builder.reduce('ReduceMean', gradient, axes);
  const slope = builder.reduce('ReduceMean', builder.mul(gradient, normalized), axes);
  const centered = builder.sub(builder.sub(gradient, mean), builder.mul(normalized, slope));
  return builder.mul(centered, inverse);
}

/** A layer normalization over the last axes, with its statistics. */
export interface LayerNormalized {
  readonly input: Value;
  readonly weight: Value;
  readonly mean: Value;
  readonly inverse: Value;
  readonly gradient: Value;
  /** The first of the axes that are normalized, to the last. */
  readonly firstAxis: number;
  /** Whether the gradients by input, weight and bias are wanted. */
  readonly wanted: readonly boolean[];
}

/** Gradients by input, weight and bias; null where they are not wanted. */
export function layerNormalizationGradients(
  builder: GraphBuilder,
  { input, weight, mean, inverse, gradient, firstAxis, wanted }: LayerNormalized,
): Array<Value | null> {
  const axes = input.dims.flatMap((_, axis) => (axis >= firstAxis ? [axis] : []));
  const shared = wanted[0] || wanted[1] ? builder.mul(builder.sub(input, mean), inverse) : null;
  const byInput = (x: Value): Value => throughNormalization(builder, x, inverse, builder.mul(gradient, weight), axes);
  return [
    wanted[0] && shared ? byInput(shared) : null,
    wanted[1] && shared ? builder.sumTo(builder.mul(gradient, shared), weight.dims) : null,
    wanted[2] ? builder.sumTo(gradient, weight.dims) : null,
  ];
}
