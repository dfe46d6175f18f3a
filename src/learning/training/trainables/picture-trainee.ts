import { readFile } from 'node:fs/promises';
import { StudioError } from '../../../foundation/core/errors.ts';
import type { Model } from '../../../foundation/onnx/graph/graph.ts';
import { float32 } from '../../../foundation/onnx/graph/tensor.ts';
import { writeModel } from '../../../foundation/onnx/model-file/write-model.ts';
import { openSession } from '../../../foundation/onnx/session/open-session.ts';
import { readPictureSettings } from '../../../serving/encoders/pictures/picture-settings.ts';
import { readPicture } from '../../../serving/encoders/pictures/read-picture.ts';
import type { ModelOutput } from '../../../serving/models/model-spec.ts';
import { ModelDraft } from '../graphs/model-draft.ts';
import { type SplitModel, splitFrozen } from '../graphs/split-frozen.ts';
import { type LoadedEncoder, sourceOf } from '../sources/load-encoder.ts';
import type { Watch } from '../sources/watch.ts';
import { arrayContents } from '../towers/contents.ts';
import { TowerGraph } from '../towers/tower-graph.ts';
import { chosenParameters, type EncoderChoice, withWeights } from './encoder-trainee.ts';
import type { Trainee } from './trainee.ts';

const MAX_PIXELS = 100_000_000;
const PICTURES_PER_RUN = 8;
const JOINED = 'picture_vectors';

export interface PictureChoice extends EncoderChoice {
  /** Which outputs the graph of the loss gets, side by side in one row: all, or that which words find pictures by. */
  readonly outputs?: 'all' | 'aligned';
}

/**
 * A picture encoder. What lies below its first trained layer is computed once per
 * picture, so that a step costs the trained layers alone.
 */
export function pictureTrainee(encoder: LoadedEncoder, choice: PictureChoice, watch: Watch = {}): Trainee {
  const parameters = chosenParameters(encoder.model, choice);
  const { outputs } = encoder.spec;
  const aligned = alignedOutput(outputs);
  const joined = joinOutputs(encoder, choice.outputs === 'aligned' && aligned !== undefined ? [aligned] : outputs);
  const split = splitFrozen(joined, new Set(parameters.keys()));
  const input = joined.graph.inputs[0]?.name ?? '';
  const tower = new TowerGraph(split?.trained ?? joined, new Set(parameters.keys()));
  return {
    parameters,
    movesItems: true,
    async side(files) {
      const { size, arrays } = await readPictures(encoder, files, split, watch);
      return { tower, contents: arrayContents(split?.between ?? input, size, arrays) };
    },
    result: (values) => [
      {
        folder: '',
        model: withWeights(encoder.model, values),
        outputs: outputs.map(({ name, pooling, normalized, dimensions }) => ({
          name,
          pooling,
          normalized,
          dimensions,
          // An output that was trained towards the vectors of texts stays in their space.
          space: isAligned(encoder, name) ? 'kept' : 'own',
        })),
        queriesOnly: false,
      },
    ],
  };
}

/** Whether an output speaks the space of a text model: its name says so, or it is the first of several. */
const isAligned = ({ spec }: LoadedEncoder, name: string): boolean => alignedOutput(spec.outputs)?.name === name;

/** The output that words find pictures by. */
export const alignedOutput = (outputs: readonly ModelOutput[]): ModelOutput | undefined =>
  outputs.find(({ name }) => /text/.test(name)) ?? outputs.find(({ normalized }) => normalized);

function joinOutputs(encoder: LoadedEncoder, outputs: readonly ModelOutput[]): Model {
  const draft = new ModelDraft('joined/', encoder.model);
  const sources = outputs.map((output) => sourceOf(encoder, output));
  const row = draft.node('Concat', sources, { axis: { kind: 'int', value: 1 } });
  const width = outputs.reduce((sum, { dimensions }) => sum + dimensions, 0);
  return draft.build({
    outputs: [{ name: draft.name(row, JOINED), type: 'float32', shape: ['batch', width] }],
  });
}

/** The pictures as the trained part reads them: pixels, or what the frozen part makes of them. */
async function readPictures(
  { spec }: LoadedEncoder,
  files: readonly string[],
  split: SplitModel | null,
  { signal, onProgress }: Watch,
): Promise<{ size: readonly number[]; arrays: Float32Array[] }> {
  const settings = readPictureSettings(spec.folder);
  const shape = [3, settings.height, settings.width];
  const pixelsOf = async (file: string): Promise<Float32Array> => {
    try {
      return await readPicture(await readFile(file), settings, MAX_PIXELS);
    } catch (cause) {
      const reason = (cause as Error).message;
      throw new StudioError('invalid_image', `The picture ${file} cannot be read: ${reason}.`, { cause });
    }
  };
  if (split === null) return { size: shape, arrays: await inTurn(files, pixelsOf) };
  const session = await openSession(writeModel(split.frozen));
  const arrays: Float32Array[] = [];
  let size: readonly number[] = [];
  try {
    for (let at = 0; at < files.length; at += PICTURES_PER_RUN) {
      signal?.throwIfAborted();
      const pixels = await Promise.all(files.slice(at, at + PICTURES_PER_RUN).map(pixelsOf));
      const data = new Float32Array(pixels.length * (pixels[0] as Float32Array).length);
      pixels.forEach((one, row) => void data.set(one, row * one.length));
      const results = await session.run({ [session.inputs[0] as string]: float32([pixels.length, ...shape], data) });
      const { dims, data: given } = results[split.between] as { dims: readonly number[]; data: Float32Array };
      size = dims.slice(1);
      const each = given.length / pixels.length;
      for (let row = 0; row < pixels.length; row++) arrays.push(given.slice(row * each, (row + 1) * each));
      onProgress?.('pictures', arrays.length, files.length);
    }
  } finally {
    await session.release();
  }
  return { size, arrays };
}

async function inTurn<T, R>(values: readonly T[], work: (value: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (const value of values) results.push(await work(value));
  return results;
}
