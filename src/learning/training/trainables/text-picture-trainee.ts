import type { Model } from '../../../foundation/onnx/graph/graph.ts';
import { prefixModel } from '../graphs/chain-models.ts';
import type { LoadedEncoder, OpenedEncoder } from '../sources/load-encoder.ts';
import type { Watch } from '../sources/watch.ts';
import { type EncoderChoice, encoderTrainee } from './encoder-trainee.ts';
import { alignedOutput, pictureTrainee } from './picture-trainee.ts';
import type { Trainee } from './trainee.ts';

const TEXT = 'text.';

/**
 * A picture encoder and a text encoder that learn to meet: texts are queries, pictures are items, both are trained.
 * Radford et al. 2021, "Learning Transferable Visual Models From Natural Language Supervision" (CLIP).
 */
export function textPictureTrainee(
  pictures: LoadedEncoder,
  texts: OpenedEncoder,
  choice: EncoderChoice,
  watch: Watch,
): Trainee {
  const picture = pictureTrainee(pictures, { ...choice, outputs: 'aligned' }, watch);
  // Exporters number their weights, so that two models have the same names for different ones.
  const text = encoderTrainee({ spec: texts.spec, model: prefixWeights(texts.model) }, choice);
  const aligned = alignedOutput(pictures.spec.outputs);
  return {
    parameters: new Map([...picture.parameters, ...text.parameters]),
    trainsTexts: true,
    movesItems: true,
    side: (inputs, side) => (side === 'query' ? text : picture).side(inputs, side),
    result(values) {
      const own = [...values].flatMap(([name, value]) =>
        name.startsWith(TEXT) ? [[name.slice(TEXT.length), value] as const] : [],
      );
      return [
        ...picture.result(values).map((model) => ({
          ...model,
          outputs: model.outputs.map((output) =>
            output.name === aligned?.name ? { ...output, space: 'trained' as const } : output,
          ),
        })),
        ...encoderTrainee(texts, choice)
          .result(new Map(own))
          .map((model) => ({ ...model, folder: 'query' as const, parent: texts, queriesOnly: true })),
      ];
    },
  };
}

function prefixWeights(model: Model): Model {
  const values = new Set(model.graph.nodes.flatMap((node) => node.outputs));
  return prefixModel(model, TEXT, values);
}
