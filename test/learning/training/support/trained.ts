import { join } from 'node:path';
import { GraphBuilder } from '../../../../src/foundation/onnx/graph/graph-builder.ts';
import type { Tensor } from '../../../../src/foundation/onnx/graph/tensor.ts';
import { readModel } from '../../../../src/foundation/onnx/model-file/read-model.ts';
import { evaluate } from '../../../../src/foundation/onnx/session/open-session.ts';
import { bucketFor } from '../../../../src/learning/training/batches/bucket-lengths.ts';
import { prefixFeeds } from '../../../../src/learning/training/objectives/objective.ts';
import { trainModel } from '../../../../src/learning/training/train-model.ts';
import type { TrainModelOptions } from '../../../../src/learning/training/train-model-options.ts';
import type { SideName } from '../../../../src/learning/training/trainables/side-name.ts';
import type { Trainee } from '../../../../src/learning/training/trainables/trainee.ts';
import { createEncoder } from '../../../../src/serving/encoders/onnx-encoder.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';
import { starterFolder } from './models.ts';
import { PAIRS } from './starter-run.ts';

export const TEXTS = ['umbrella in red', 'a grey boot', 'rain'];

/** A short training of the starter into a folder that is gone after the test. */
export async function trainStarter(changes: Partial<TrainModelOptions> = {}) {
  const out = join(await temporaryFolder(), 'trained');
  const pairs = (changes.data?.kind ?? 'pairs') === 'pairs' ? { items: 4 } : {};
  const result = await trainModel({
    model: starterFolder,
    out,
    recipe: { kind: 'encoder' },
    data: { kind: 'pairs', pairs: PAIRS },
    ...changes,
    settings: { steps: 3, batch: 4, warmUp: 0, ...pairs, ...changes.settings },
  });
  return { ...result, out };
}

/** Vectors as the product's own encoder gives them. */
export async function encoded(
  folder: string,
  texts: readonly string[] = TEXTS,
  side: SideName = 'query',
): Promise<Float32Array[]> {
  const encoder = await createEncoder(folder, { threads: 1 });
  try {
    const inputs = texts.map((text) => ({ text }));
    if (side === 'query') return await encoder.encodeQueries(inputs);
    return (await encoder.encodeItems(inputs)).map(
      (outputs) => outputs[encoder.outputs[0]?.name ?? ''] as Float32Array,
    );
  } finally {
    await encoder.close();
  }
}

/** The same texts through the graph that was trained, with the weights that training ended with. */
export async function forward(
  trainee: Trainee,
  values: ReadonlyMap<string, Tensor>,
  texts: readonly string[] = TEXTS,
  side: SideName = 'query',
): Promise<Float32Array[]> {
  const { tower, contents } = await trainee.side(texts, side);
  const length = bucketFor([], Math.max(...texts.map((_, text) => contents.lengthOf(text))));
  const builder = new GraphBuilder();
  const vectors = await tower.add(builder, side, contents.dims(texts.length, length));
  const graph = builder.build([vectors]);
  const constants = new Map([...graph.constants].map(([name, tensor]) => [name, values.get(name) ?? tensor]));
  const feeds = prefixFeeds(
    side,
    await contents.feeds(
      texts.map((_, text) => text),
      length,
    ),
  );
  const results = await evaluate({ ...graph, constants }, feeds);
  const [rows, width] = vectors.dims as [number, number];
  const data = results[vectors.name]?.data as Float32Array;
  return Array.from({ length: rows }, (_, row) => data.slice(row * width, (row + 1) * width));
}

/** The largest difference of any two numbers that belong together. */
export const largestDifference = (left: readonly Float32Array[], right: readonly Float32Array[]): number =>
  Math.max(
    ...left.map((vector, row) =>
      vector.reduce((most, value, at) => Math.max(most, Math.abs(value - (right[row]?.[at] as number))), 0),
    ),
  );

/** The weights in a result's graph. */
export const weightsIn = async (folder: string): Promise<ReadonlyMap<string, Tensor>> =>
  (await readModel(join(folder, 'encoder.onnx'))).graph.initializers;
