import { basename } from 'node:path';
import { modelFiles } from './model-files.ts';
import type { ModelSpec } from './model-spec.ts';
import { cardSchema, specOfCard } from './read-card.ts';
import { readSentenceTransformers } from './read-sentence-transformers.ts';

/** Where exports put the graph. */
export const GRAPH_FILES = ['encoder.onnx', 'model.onnx', 'onnx/model.onnx'];

/**
 * Reads a model folder: its `card.json` when there is one, else the files of a sentence-transformers export.
 * The graph itself is opened by the encoder.
 *
 * @throws StudioError `invalid_model`, naming the file and what to do.
 * @example
 * const spec = await readModelFolder('models/starter'); // {modality: 'text', outputs: [{dimensions: 384, ...}], ...}
 */
export async function readModelFolder(folder: string, id: string = basename(folder)): Promise<ModelSpec> {
  const files = modelFiles(folder, id);
  const onnxFile = await files.first(GRAPH_FILES);
  if (onnxFile === null) {
    throw files.invalid(
      `The folder "${folder}" has no ONNX graph.`,
      `Put the exported graph there as one of ${GRAPH_FILES.join(', ')}.`,
    );
  }
  const card = await files.json('card.json', cardSchema);
  return card === null ? await readSentenceTransformers(files, onnxFile) : specOfCard(files, onnxFile, card);
}
