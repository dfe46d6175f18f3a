import { createRandom } from '../../../src/foundation/core/random.ts';
import { GraphBuilder } from '../../../src/foundation/onnx/graph/graph-builder.ts';
import type { Tensor } from '../../../src/foundation/onnx/graph/tensor.ts';
import { infoNce } from '../../../src/learning/training/losses/info-nce.ts';
import { tokenContents } from '../../../src/learning/training/towers/contents.ts';
import { iconPairs } from './icon-pairs.ts';
import { openEncoder } from './open-encoder.ts';
import type { Feeds, TrainingCase } from './training-case.ts';

export interface EncoderCaseOptions {
  readonly folder: string;
  /** One tower: rows against themselves, of made-up tokens. Two: icon tags as queries against icons. */
  readonly towers: { readonly rows: number } | { readonly queries: number; readonly items: number };
  readonly tokens: number;
  readonly batches: number;
}

export const TEMPERATURE = 0.05;
/** Ids of BERT's vocabulary that are words. */
const [FIRST_WORD, WORDS] = [1000, 29_000];

/** Every weight of a text encoder, mean pooling, unit length, InfoNCE. */
export async function encoderCase({ folder, towers, tokens, batches }: EncoderCaseOptions): Promise<TrainingCase> {
  const { tower, weights, trainable, inputs, dims, feeds } = await openEncoder(folder);
  const builder = new GraphBuilder();
  const settings = { model: 'bert', temperature: TEMPERATURE };

  if ('rows' in towers) {
    const vectors = await tower.add(builder, 'rows', dims(towers.rows, tokens));
    const loss = infoNce(builder, { queries: vectors, items: vectors, temperature: TEMPERATURE, symmetric: false });
    const random = createRandom(2);
    const made = Array.from({ length: batches }, () => {
      const rows = Array.from({ length: towers.rows }, () =>
        Array.from({ length: tokens }, () => FIRST_WORD + random.integer(WORDS)),
      );
      return withPrefix('rows', tokenContents(inputs, { rows, padId: 0 }).feeds([...rows.keys()], tokens) as Feeds);
    });
    return { builder, loss, trainable, batches: made, peer: { settings, weights, batches: made } };
  }

  const queries = await tower.add(builder, 'queries', dims(towers.queries, tokens));
  const items = await tower.add(builder, 'items', dims(towers.items, tokens));
  const loss = infoNce(builder, { queries, items, temperature: TEMPERATURE, symmetric: false });
  const made = (await iconPairs(towers.queries, towers.items, batches)).map((texts) => ({
    ...withPrefix('queries', feeds('query', texts.queries, tokens)),
    ...withPrefix('items', feeds('item', texts.items, tokens)),
  }));
  return { builder, loss, trainable, batches: made, peer: { settings, weights, batches: made } };
}

const withPrefix = (side: string, feeds: Feeds): Record<string, Tensor> =>
  Object.fromEntries(Object.entries(feeds).map(([name, tensor]) => [`${side}.${name}`, tensor]));
