import { GraphBuilder } from '../../../foundation/onnx/graph/graph-builder.ts';
import type { Value } from '../../../foundation/onnx/graph/static-graph.ts';
import { float32, type Tensor } from '../../../foundation/onnx/graph/tensor.ts';
import { bucketFor, bucketLengths } from '../batches/bucket-lengths.ts';
import { knownOf, type PairBatch, type PairBatchOptions, pairBatches } from '../batches/pair-batches.ts';
import type { PairSet } from '../batches/pair-set.ts';
import { anchorToBase } from '../losses/anchor-to-base.ts';
import { type MatryoshkaPrefix, matryoshka } from '../losses/matryoshka.ts';
import type { SideName } from '../trainables/side-name.ts';
import {
  BUCKETS_PER_SIDE,
  type ChunkedBatch,
  longest,
  type Objective,
  prefixFeeds,
  SAMPLED_BATCHES,
  type Side,
  type TrainingBatch,
} from './objective.ts';

/** What a loss over pairs sees; shapes as in `batches/pair-batches.ts` and `losses/info-nce.ts`. */
export interface PairLossInputs {
  readonly queries: Value;
  readonly items: Value;
  readonly weights: Value;
  readonly exclusions: Value;
  readonly gains: Value;
}

/** Vectors that training began with, by number of the input; null where that side is not trained. */
export interface Anchor {
  readonly strength: number;
  readonly queries: ReadonlyArray<Float32Array> | null;
  readonly items: ReadonlyArray<Float32Array> | null;
}

export interface PairObjectiveOptions {
  readonly set: PairSet;
  readonly batch: PairBatchOptions;
  readonly query: Side;
  readonly item: Side;
  readonly loss: (builder: GraphBuilder, inputs: PairLossInputs) => Value;
  readonly anchor?: Anchor;
  readonly matryoshka?: readonly MatryoshkaPrefix[];
  /** Rows that go through a tower at once; a divisor of pairs and of items. All of them when left out. */
  readonly chunk?: number;
}

/** Queries and items through their towers into a loss. */
export function pairObjective(options: PairObjectiveOptions): Objective {
  const { set, batch, query, item } = options;
  const lengths = { query: [] as number[], item: [] as number[] };
  const sample = pairBatches(set, batch);
  for (let count = 0; count < SAMPLED_BATCHES; count++) {
    const { value } = sample.next();
    lengths.query.push(longest(query.contents, value.queries));
    lengths.item.push(longest(item.contents, value.items));
  }
  const buckets = {
    query: bucketLengths(lengths.query, BUCKETS_PER_SIDE),
    item: bucketLengths(lengths.item, BUCKETS_PER_SIDE),
  };
  return {
    *batches() {
      for (const planned of pairBatches(set, batch)) {
        const length = {
          query: bucketFor(buckets.query, longest(query.contents, planned.queries)),
          item: bucketFor(buckets.item, longest(item.contents, planned.items)),
        };
        yield trainingBatch(options, planned, length);
      }
      throw new Error('pair batches have no end');
    },
  };
}

interface Lengths {
  readonly query: number;
  readonly item: number;
}

function trainingBatch(options: PairObjectiveOptions, planned: PairBatch, length: Lengths): TrainingBatch {
  const { query, item, batch, chunk } = options;
  return {
    shape: `${length.query} ${length.item}`,
    tokens: batch.pairs * Math.max(1, length.query) + batch.items * Math.max(1, length.item),
    async graph() {
      const builder = new GraphBuilder();
      const queries = await query.tower.add(builder, 'query', query.contents.dims(batch.pairs, length.query));
      const items = await item.tower.add(builder, 'item', item.contents.dims(batch.items, length.item));
      return { builder, loss: addLoss(options, builder, queries, items) };
    },
    feeds: async () => ({
      ...prefixFeeds('query', await query.contents.feeds(planned.queries, length.query)),
      ...prefixFeeds('item', await item.contents.feeds(planned.items, length.item)),
      ...lossFeeds(options, planned),
    }),
    ...(chunk === undefined ? {} : { chunked: chunkedBatch(options, planned, length, chunk) }),
  };
}

function chunkedBatch(options: PairObjectiveOptions, planned: PairBatch, length: Lengths, chunk: number): ChunkedBatch {
  const { batch, query, item } = options;
  const inputs = { query: planned.queries, item: planned.items };
  // One encoder for chunks of one shape needs one graph.
  const shared = query.tower === item.tower && length.query === length.item;
  const nameOf = (side: SideName): string => (shared ? 'chunk' : side);
  const tower = async (side: SideName) => {
    const builder = new GraphBuilder();
    const { tower, contents } = options[side];
    return { builder, vectors: await tower.add(builder, nameOf(side), contents.dims(chunk, length[side])) };
  };
  const chunks = async (side: SideName) => {
    const feeds: Array<Record<string, Tensor>> = [];
    for (let at = 0; at < inputs[side].length; at += chunk) {
      const part = await options[side].contents.feeds(inputs[side].slice(at, at + chunk), length[side]);
      feeds.push(prefixFeeds(nameOf(side), part));
    }
    return feeds;
  };
  return {
    async graph() {
      const first = await tower('query');
      const towers = { query: first, item: shared ? first : await tower('item') };
      const builder = new GraphBuilder();
      const dimensions = towers.query.vectors.dims[1] as number;
      const queries = builder.input('query', 'float32', [batch.pairs, dimensions]);
      const items = builder.input('item', 'float32', [batch.items, dimensions]);
      return { towers, loss: { builder, loss: addLoss(options, builder, queries, items) } };
    },
    feeds: async () => ({
      chunks: { query: await chunks('query'), item: await chunks('item') },
      loss: lossFeeds(options, planned),
    }),
  };
}

/** The loss over the vectors of both sides, and its inputs. */
function addLoss(options: PairObjectiveOptions, builder: GraphBuilder, queries: Value, items: Value): Value {
  const { batch, anchor } = options;
  const weights = builder.input('pair.weights', 'float32', [batch.pairs]);
  const exclusions = builder.input('pair.exclusions', 'float32', [batch.pairs, batch.items]);
  const gains = builder.input('pair.gains', 'float32', [batch.pairs, batch.items]);
  const prefixes = options.matryoshka ?? [{ dimensions: queries.dims[1] as number, weight: 1 }];
  const loss = matryoshka(builder, [queries, items], prefixes, ([cutQueries, cutItems]) =>
    options.loss(builder, { queries: cutQueries as Value, items: cutItems as Value, weights, exclusions, gains }),
  );
  const anchored = (name: string, vectors: Value, base: unknown): Value[] =>
    anchor === undefined || base === null
      ? []
      : [anchorToBase(builder, vectors, builder.input(name, 'float32', vectors.dims), anchor.strength)];
  return [...anchored('query.base', queries, anchor?.queries), ...anchored('item.base', items, anchor?.items)].reduce(
    (sum, part) => builder.add(sum, part),
    loss,
  );
}

function lossFeeds({ set, batch, anchor }: PairObjectiveOptions, planned: PairBatch): Record<string, Tensor> {
  const { gains, exclusions } = knownOf(set, planned);
  return {
    'pair.weights': float32([batch.pairs], planned.weights),
    'pair.exclusions': float32([batch.pairs, batch.items], exclusions),
    'pair.gains': float32([batch.pairs, batch.items], gains),
    ...baseFeed('query.base', anchor?.queries, planned.queries),
    ...baseFeed('item.base', anchor?.items, planned.items),
  };
}

function baseFeed(
  name: string,
  base: ReadonlyArray<Float32Array> | null | undefined,
  inputs: readonly number[],
): Record<string, Tensor> {
  if (base === null || base === undefined) return {};
  const dimensions = (base[0] as Float32Array).length;
  const data = new Float32Array(inputs.length * dimensions);
  inputs.forEach((input, row) => void data.set(base[input] as Float32Array, row * dimensions));
  return { [name]: float32([inputs.length, dimensions], data) };
}
