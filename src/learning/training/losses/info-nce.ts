import type { GraphBuilder } from '../../../foundation/onnx/graph/graph-builder.ts';
import type { Value } from '../../../foundation/onnx/graph/static-graph.ts';
import { logSumExp, rowSimilarities, scaled, similarities, sliceAxis, weightedMean } from './arithmetic.ts';

export interface InfoNceInputs {
  /** `[pairs, dimensions]`, of length 1. */
  readonly queries: Value;
  /** `[items, dimensions]`, of length 1: the item of each pair in the pairs' order, then further negatives. */
  readonly items: Value;
  /** A number, or a trained value (see {@link learnedScale}) that similarities are multiplied by. */
  readonly temperature: number | { readonly scale: Value };
  /** `[pairs]`: how much each pair counts; all alike when left out. */
  readonly weights?: Value;
  /** `[pairs, items]`: 0, or EXCLUDED where an item is known to be right for a query of another pair. */
  readonly exclusions?: Value;
  /** Also ask for the query of each item, as CLIP does. On by default. */
  readonly symmetric?: boolean;
}

/**
 * InfoNCE with in-batch negatives: −log of the share that the pair's own item takes in the softmax over all items of
 * the batch, and over all queries for its item.
 *
 * van den Oord, Li, Vinyals 2018, "Representation Learning with Contrastive Predictive Coding"; both directions and the
 * learned temperature: Radford et al. 2021 (CLIP). That false negatives must go: Qu et al. 2021 (RocketQA).
 *
 * @returns the weighted mean over pairs, a scalar in nats.
 */
export function infoNce(builder: GraphBuilder, inputs: InfoNceInputs): Value {
  const { queries, items, temperature, weights, exclusions, symmetric = true } = inputs;
  const pairs = queries.dims[0] as number;
  const sharpened = (value: Value): Value =>
    typeof temperature === 'number' ? scaled(builder, value, 1 / temperature) : builder.mul(value, temperature.scale);
  const own = sharpened(rowSimilarities(builder, queries, sliceAxis(builder, items, 0, 0, pairs)));
  const plain = sharpened(similarities(builder, queries, items));
  const logits = exclusions === undefined ? plain : builder.add(plain, exclusions);
  const forQueries = builder.sub(logSumExp(builder, logits, 1), own);
  if (!symmetric) return weightedMean(builder, forQueries, weights);
  const square = sliceAxis(builder, logits, 1, 0, pairs);
  const forItems = builder.sub(logSumExp(builder, square, 0), own);
  return scaled(builder, weightedMean(builder, builder.add(forQueries, forItems), weights), 0.5);
}

/** Similarities are sharpened at most by this: CLIP's bound against a collapse into one candidate. */
const LARGEST_SCALE = 100;

/**
 * The factor of a learned temperature: min(exp(t), 100) of a trained `[1]` that holds ln(1/τ).
 * Radford et al. 2021, section 2.5.
 */
export function learnedScale(builder: GraphBuilder, logScale: Value): Value {
  const scale = builder.unary('Exp', logScale);
  return builder.node('Min', [scale, builder.scalar(LARGEST_SCALE)], scale);
}
