import type { GraphBuilder } from '../../../foundation/onnx/graph/graph-builder.ts';
import type { Value } from '../../../foundation/onnx/graph/static-graph.ts';
import { scaled, weightedMean } from './arithmetic.ts';

/**
 * Keeps vectors near those of the model that training began with: strength · mean over rows of ‖v − v₀‖².
 * The idea of L2-SP (Li, Grandvalet, Davoine 2018, "Explicit Inductive Bias for Transfer Learning with Convolutional
 * Networks") put on the vectors instead of the weights, so that one number means the same for an adapter and an encoder:
 * for vectors of length 1 the squared distance is 2 − 2·cosine.
 *
 * @param vectors `[rows, dimensions]`
 * @param base `[rows, dimensions]`, which nothing flows back to.
 */
export function anchorToBase(builder: GraphBuilder, vectors: Value, base: Value, strength: number): Value {
  const difference = builder.sub(vectors, base);
  const distances = builder.reduce('ReduceSum', builder.mul(difference, difference), [-1], false);
  return scaled(builder, weightedMean(builder, distances), strength);
}
