import type { GraphBuilder } from '../../../foundation/onnx/graph/graph-builder.ts';
import type { Value } from '../../../foundation/onnx/graph/static-graph.ts';
import { logSumExp, scaled, weightedMean } from './arithmetic.ts';

export interface ListwiseInputs {
  /** `[lists, candidates]`: similarities. */
  readonly scores: Value;
  /** `[lists, candidates]`: gains ≥ 0; a list without one above 0 should have a weight of (next to) 0. */
  readonly gains: Value;
  readonly temperature: number;
  /** `[lists, candidates]`: 0, or EXCLUDED where a candidate is no member of the list. */
  readonly exclusions?: Value;
  /** `[lists]`: how much each list counts. */
  readonly weights?: Value;
}

/**
 * Cross-entropy between the gains, scaled to sum 1 in each list, and the softmax of the scores.
 * Cao et al. 2007 (ListNet, top-one probabilities); with gains as they are: Bruch et al. 2019, "An Analysis of the
 * Softmax Cost Function for Learning to Rank". With gains that mark members of the same class it is the supervised
 * contrastive loss of Khosla et al. 2020 (its L_out).
 *
 * @returns the weighted mean over lists, a scalar in nats.
 */
export function listwiseSoftmax(builder: GraphBuilder, inputs: ListwiseInputs): Value {
  const { scores, gains, temperature, exclusions, weights } = inputs;
  const sharpened = scaled(builder, scores, 1 / temperature);
  const logits = exclusions === undefined ? sharpened : builder.add(sharpened, exclusions);
  const sum = builder.reduce('ReduceSum', gains, [-1]);
  const total = builder.node('Max', [sum, builder.scalar(1e-12)], sum);
  const wanted = builder.div(gains, total);
  // Taken from the scores without exclusions: a gain of 0 there must not meet the large number.
  const hit = builder.reduce('ReduceSum', builder.mul(wanted, sharpened), [-1], false);
  return weightedMean(builder, builder.sub(logSumExp(builder, logits, -1), hit), weights);
}
