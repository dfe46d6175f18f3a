import { StudioError } from '../../../foundation/core/errors.ts';
import type { Model } from '../../../foundation/onnx/graph/graph.ts';
import type { Tensor } from '../../../foundation/onnx/graph/tensor.ts';
import { poolTokens } from '../pooling/pool-tokens.ts';
import { firstOutput, type LoadedEncoder, sourceOf } from '../sources/load-encoder.ts';
import { tokenise } from '../sources/tokenise.ts';
import { tokenContents } from '../towers/contents.ts';
import { TowerGraph } from '../towers/tower-graph.ts';
import { lastLayers, layersOf } from './layers.ts';
import { addLora, type LoraOptions, mergeLora } from './lora.ts';
import { trainableParameters } from './parameters.ts';
import type { Trainee } from './trainee.ts';

export interface EncoderChoice {
  /** Only the last layers and what follows them; all of them when left out. */
  readonly lastLayers?: number;
  /** Only weights whose names match. */
  readonly parameters?: RegExp;
  /** Thin products beside the chosen matrices instead of the weights themselves. */
  readonly lora?: LoraOptions;
  /** Texts are cut here, where this is shorter than what the model reads. */
  readonly maxTokens?: number;
}

/**
 * The encoder itself, both sides through the same weights.
 *
 * @throws StudioError `invalid_training` when nothing is left to train.
 */
export function encoderTrainee(encoder: LoadedEncoder, choice: EncoderChoice = {}): Trainee {
  const chosen = chosenParameters(encoder.model, choice);
  const lora = choice.lora === undefined ? null : addLora(encoder.model, new Set(chosen.keys()), choice.lora);
  const parameters = lora?.parameters ?? chosen;
  const output = firstOutput(encoder);
  const pooled = poolTokens(lora?.model ?? encoder.model, sourceOf(encoder, output), output);
  const tower = new TowerGraph(pooled, new Set(parameters.keys()));
  return {
    parameters,
    movesItems: true,
    side: async (texts, side) => ({
      tower,
      contents: tokenContents(pooled.graph.inputs, tokenise(encoder.spec, texts, side, choice.maxTokens)),
    }),
    result(values) {
      const model =
        choice.lora === undefined ? withWeights(encoder.model, values) : mergeLora(encoder.model, values, choice.lora);
      const { name, pooling, normalized, dimensions } = output;
      return [
        {
          folder: '',
          model,
          outputs: [{ name, pooling, normalized, dimensions, space: 'trained' }],
          queriesOnly: false,
        },
      ];
    },
  };
}

/** The weights that a choice names, as they are now. */
export function chosenParameters(model: Model, choice: EncoderChoice): ReadonlyMap<string, Tensor> {
  const all = trainableParameters(model);
  const layered =
    choice.lastLayers === undefined
      ? null
      : new Set(lastLayers(layersOf(model, new Set(all.keys())), choice.lastLayers));
  const chosen = [...all].filter(
    ([name]) =>
      (layered === null || layered.has(name)) && (choice.parameters === undefined || choice.parameters.test(name)),
  );
  if (chosen.length > 0) return new Map(chosen);
  throw new StudioError('invalid_training', 'Nothing of the model is left to train.', {
    hint: `It has ${all.size} weights, for example ${[...all.keys()].slice(0, 3).join(', ')}.`,
  });
}

/** The model with trained weights in the place of the old ones. */
export const withWeights = (model: Model, values: ReadonlyMap<string, Tensor>): Model => ({
  ...model,
  graph: {
    ...model.graph,
    initializers: new Map(
      [...model.graph.initializers].map(([name, tensor]) => {
        const value = values.get(name);
        return [name, value === undefined ? tensor : { ...tensor, data: value.data }];
      }),
    ),
  },
});
