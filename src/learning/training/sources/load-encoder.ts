import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { StudioError } from '../../../foundation/core/errors.ts';
import type { Model } from '../../../foundation/onnx/graph/graph.ts';
import { readModel } from '../../../foundation/onnx/model-file/read-model.ts';
import { foldConstants } from '../../../foundation/onnx/prepare/fold-constants.ts';
import { foldSmallWeights } from '../../../foundation/onnx/prepare/fold-small-weights.ts';
import type { ModelOutput, ModelSpec } from '../../../serving/models/model-spec.ts';
import { readModelFolder } from '../../../serving/models/read-model-folder.ts';

/** A model folder opened for training. */
export interface LoadedEncoder {
  readonly spec: ModelSpec;
  /** Weights that were stored small are single precision here. */
  readonly model: Model;
}

/** As it was read, with the hash of the graph's file. */
export interface OpenedEncoder extends LoadedEncoder {
  readonly sha256: string;
}

/** Throws `invalid_model`. */
export async function loadEncoder(folder: string): Promise<OpenedEncoder> {
  const spec = await readModelFolder(folder);
  // What exporters leave to be computed from weights alone, a transposition mostly, becomes the weight.
  const model = await foldConstants(foldSmallWeights(await readModel(spec.onnxFile)));
  return { spec, model, sha256: await sha256OfFile(spec.onnxFile) };
}

/** In pieces: files of weights may be larger than a buffer. */
export async function sha256OfFile(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of createReadStream(file)) hash.update(piece as Buffer);
  return hash.digest('hex');
}

const USUAL_OUTPUTS = ['sentence_embedding', 'text_embeds', 'image_embeds', 'last_hidden_state', 'token_embeddings'];

/** The graph's output that carries a declared output: the one of its name, else of a usual name, else the only one. */
export function sourceOf({ spec, model }: LoadedEncoder, output: ModelOutput): string {
  const names = model.graph.outputs.map(({ name }) => name);
  const name = [output.name, ...USUAL_OUTPUTS].find((candidate) => names.includes(candidate)) ?? names[0];
  if (name !== undefined) return name;
  throw new StudioError('invalid_model', `${spec.onnxFile} has no output "${output.name}".`, {
    hint: 'Name the output in card.json.',
  });
}

/** The first output, which is what texts are trained for. */
export const firstOutput = ({ spec }: LoadedEncoder): ModelOutput => spec.outputs[0] as ModelOutput;
