import type { GraphBuilder } from '../../../foundation/onnx/graph/graph-builder.ts';
import type { Value } from '../../../foundation/onnx/graph/static-graph.ts';
import { scaled, weightedMean } from './arithmetic.ts';

export interface GradedPairs {
  /** `[pairs]`: the model's cosine of each pair. */
  readonly cosines: Value;
  /** `[pairs]`: what people said of the pair. */
  readonly scores: Value;
}

/**
 * CoSENT: log(1 + Σ exp(λ · (cosine of the pair judged lower − cosine of the one judged higher))) over all couples of
 * pairs whose scores differ. It asks for the order alone, as Spearman's correlation does.
 * Su 2022, "CoSENT: a more efficient sentence vector scheme than Sentence-BERT"; λ 20 as there.
 *
 * @returns a scalar in nats.
 */
export function coSent(builder: GraphBuilder, { cosines, scores }: GradedPairs, sharpness = 20): Value {
  const pairs = cosines.dims[0] as number;
  const asRow = (value: Value): Value => builder.reshape(value, [1, pairs]);
  const asColumn = (value: Value): Value => builder.reshape(value, [pairs, 1]);
  // Row: the pair judged higher; column: the one judged lower.
  const ordered = builder.greater(asColumn(scores), asRow(scores));
  const differences = scaled(builder, builder.sub(asRow(cosines), asColumn(cosines)), sharpness);
  const terms = builder.where(ordered, builder.unary('Exp', differences), builder.scalar(0));
  const sum = builder.reduce('ReduceSum', terms, [0, 1], false);
  // exp(20 · 2) is far from single precision's end: no shift is needed.
  return builder.unary('Log', builder.add(builder.scalar(1), sum));
}

/**
 * Mean squared difference of cosine and score.
 * Reimers and Gurevych 2019 (Sentence-BERT), section 3, regression objective.
 *
 * @param pairs scores between 0 and 1.
 */
export function cosineMeanSquared(builder: GraphBuilder, { cosines, scores }: GradedPairs): Value {
  const difference = builder.sub(cosines, scores);
  return weightedMean(builder, builder.mul(difference, difference));
}
