import type { GraphBuilder } from '../../../foundation/onnx/graph/graph-builder.ts';
import type { Value } from '../../../foundation/onnx/graph/static-graph.ts';
import { weightedMean } from './arithmetic.ts';

export interface MarginRankingInputs {
  /** `[pairs]`, or of any one shape for all three: similarity of what should stand above. */
  readonly better: Value;
  /** `[pairs]`: similarity of what should stand below. */
  readonly worse: Value;
  /** By how much the better one should lead. */
  readonly margin: number;
  /** `[pairs]`: how much each pair counts; all alike when left out. */
  readonly weights?: Value;
}

/**
 * Pairwise hinge: max(0, margin − (better − worse)).
 * Herbrich, Graepel, Obermayer 1999, "Large Margin Rank Boundaries for Ordinal Regression"; weights per pair as in
 * Joachims, Swaminathan, Schnabel 2017, where they undo the bias of a click's position.
 *
 * @returns the weighted mean over pairs, a scalar.
 */
export function marginRanking(builder: GraphBuilder, inputs: MarginRankingInputs): Value {
  const lead = builder.sub(inputs.better, inputs.worse);
  const missing = builder.unary('Relu', builder.sub(builder.scalar(inputs.margin), lead));
  return weightedMean(builder, missing, inputs.weights);
}
