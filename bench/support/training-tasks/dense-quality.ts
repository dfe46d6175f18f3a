import { ndcgAt } from '../../../src/learning/evaluation/metrics.ts';
import { createEncoder } from '../../../src/serving/encoders/onnx-encoder.ts';

export interface DenseQuery {
  readonly text: string;
  readonly relevant: ReadonlySet<string>;
}

/** Vectors of texts by a model folder, as they are served. */
export async function vectorsOf(
  folder: string,
  texts: readonly string[],
  side: 'query' | 'item',
): Promise<Float32Array[]> {
  const encoder = await createEncoder(folder);
  try {
    const inputs = texts.map((text) => ({ text }));
    if (side === 'query') return await encoder.encodeQueries(inputs);
    const name = encoder.outputs[0]?.name ?? '';
    return (await encoder.encodeItems(inputs)).map((vectors) => vectors[name] as Float32Array);
  } finally {
    await encoder.close();
  }
}

/** nDCG@10 of each query over all items by inner product. */
export function denseNdcg(
  queries: readonly DenseQuery[],
  queryVectors: readonly Float32Array[],
  itemIds: readonly string[],
  itemVectors: readonly Float32Array[],
): number[] {
  return queries.map(({ relevant }, at) => {
    const best = nearest(queryVectors[at] as Float32Array, itemVectors, 10).map((item) => itemIds[item] as string);
    return ndcgAt(best, new Map([...relevant].map((id) => [id, 1])), 10);
  });
}

/** Places of the `count` vectors with the largest inner product, without `except`. */
export function nearest(from: Float32Array, vectors: readonly Float32Array[], count: number, except = -1): number[] {
  const best: Array<{ readonly at: number; readonly score: number }> = [];
  for (const [at, vector] of vectors.entries()) {
    if (at === except) continue;
    let score = 0;
    for (let i = 0; i < from.length; i++) score += (from[i] as number) * (vector[i] as number);
    if (best.length === count && score <= (best.at(-1)?.score ?? 0)) continue;
    const place = best.findIndex((other) => other.score < score);
    best.splice(place < 0 ? best.length : place, 0, { at, score });
    if (best.length > count) best.pop();
  }
  return best.map(({ at }) => at);
}
