import type { GraphBuilder } from '../../../foundation/onnx/graph/graph-builder.ts';
import type { Value } from '../../../foundation/onnx/graph/static-graph.ts';
import { float32, type Tensor } from '../../../foundation/onnx/graph/tensor.ts';
import { rowSimilarities, similarities, sliceAxis } from '../losses/arithmetic.ts';
import { EXCLUDED } from '../losses/excluded.ts';
import { infoNce, learnedScale } from '../losses/info-nce.ts';
import { listwiseSoftmax } from '../losses/listwise-softmax.ts';
import { marginRanking } from '../losses/margin-ranking.ts';
import type { PairLossInputs } from '../objectives/pair-objective.ts';
import type { PairLoss } from './recipe.ts';

export interface BuiltPairLoss {
  /** Weights of the loss itself. */
  readonly parameters: ReadonlyMap<string, Tensor>;
  build(builder: GraphBuilder, inputs: PairLossInputs): Value;
}

const LOG_SCALE = 'temperature.log_scale';
const TEMPERATURE = 0.05;
const MARGIN = 0.2;

export function pairLossOf(loss: PairLoss): BuiltPairLoss {
  const none: ReadonlyMap<string, Tensor> = new Map();
  if (loss.kind === 'listwise') {
    const temperature = loss.temperature ?? TEMPERATURE;
    return {
      parameters: none,
      // What is right counts by its gain, so nothing has to be excluded.
      build: (builder, { queries, items, gains }) =>
        listwiseSoftmax(builder, { scores: similarities(builder, queries, items), gains, temperature }),
    };
  }
  if (loss.kind === 'margin') {
    return { parameters: none, build: (builder, inputs) => inBatchMargin(builder, inputs, loss.margin ?? MARGIN) };
  }
  const { temperature = TEMPERATURE, learnTemperature = false, symmetric = true } = loss;
  const first = float32([1], [Math.log(1 / temperature)]);
  return {
    parameters: learnTemperature ? new Map([[LOG_SCALE, first]]) : none,
    build(builder, { queries, items, weights, exclusions }) {
      const scale = (): Value =>
        learnedScale(builder, builder.has(LOG_SCALE) ? builder.value(LOG_SCALE) : builder.constant(first, LOG_SCALE));
      return infoNce(builder, {
        queries,
        items,
        weights,
        exclusions,
        symmetric,
        temperature: learnTemperature ? { scale: scale() } : temperature,
      });
    },
  };
}

/** Each pair's item against every other item of the batch that is not known to be right. */
function inBatchMargin(builder: GraphBuilder, inputs: PairLossInputs, margin: number): Value {
  const { queries, items, weights, exclusions } = inputs;
  const [pairs, all] = exclusions.dims as [number, number];
  const own = builder.reshape(rowSimilarities(builder, queries, sliceAxis(builder, items, 0, 0, pairs)), [pairs, 1]);
  const itself = new Float32Array(pairs * all);
  for (let row = 0; row < pairs; row++) itself[row * (all + 1)] = EXCLUDED;
  const others = builder.add(
    builder.add(similarities(builder, queries, items), exclusions),
    builder.constant(float32([pairs, all], itself)),
  );
  return marginRanking(builder, {
    better: builder.expand(own, [pairs, all]),
    worse: others,
    margin,
    weights: builder.expand(builder.reshape(weights, [pairs, 1]), [pairs, all]),
  });
}
