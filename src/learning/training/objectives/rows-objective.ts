import { GraphBuilder } from '../../../foundation/onnx/graph/graph-builder.ts';
import type { Value } from '../../../foundation/onnx/graph/static-graph.ts';
import { float32, sizeOf, type Tensor } from '../../../foundation/onnx/graph/tensor.ts';
import { bucketFor, bucketLengths } from '../batches/bucket-lengths.ts';
import { lengthBatches } from '../batches/length-batches.ts';
import { sliceAxis } from '../losses/arithmetic.ts';
import {
  BUCKETS_PER_SIDE,
  type Objective,
  prefixFeeds,
  SAMPLED_BATCHES,
  type Side,
  type TrainingBatch,
} from './objective.ts';

/** What the loss needs beside the vectors: one array a row, all of the size `dims`. */
export interface RowTargets {
  readonly dims: readonly number[];
  of(rows: readonly number[]): Promise<readonly Float32Array[]>;
}

export interface RowsObjectiveOptions {
  readonly side: Side;
  /** Per row of the data, the numbers of its inputs: one text, or the two of a pair. All rows have as many. */
  readonly rows: ReadonlyArray<readonly number[]>;
  /** Rows in a batch. */
  readonly batch: number;
  readonly seed: number;
  readonly targets: RowTargets;
  /** `vectors[k]` is `[batch, dimensions]` of each row's k-th input; `targets` is `[batch, …dims]`. */
  readonly loss: (builder: GraphBuilder, vectors: readonly Value[], targets: Value) => Value;
}

/** Rows of one or several inputs that go through one tower together, and what is wanted of them. */
export function rowsObjective(options: RowsObjectiveOptions): Objective {
  const { side, rows, batch, seed } = options;
  const lengths = rows.map((inputs) => Math.max(...inputs.map((input) => side.contents.lengthOf(input))));
  const lengthOf = (chosen: readonly number[]): number => Math.max(...chosen.map((row) => lengths[row] as number));
  const sample = lengthBatches(lengths, { rows: batch, seed });
  const needed = Array.from({ length: SAMPLED_BATCHES }, () => lengthOf(sample.next().value));
  const buckets = bucketLengths(needed, 2 * BUCKETS_PER_SIDE);
  return {
    *batches() {
      for (const chosen of lengthBatches(lengths, { rows: batch, seed })) {
        yield trainingBatch(options, chosen, bucketFor(buckets, lengthOf(chosen)));
      }
      throw new Error('row batches have no end');
    },
  };
}

function trainingBatch(options: RowsObjectiveOptions, chosen: readonly number[], length: number): TrainingBatch {
  const { side, rows, targets } = options;
  const width = (rows[0] as readonly number[]).length;
  // First the first inputs of all rows, then the second ones: the tower's result is cut in as many pieces.
  const inputs = Array.from({ length: width }, (_, at) => chosen.map((row) => rows[row]?.[at] as number)).flat();
  return {
    shape: String(length),
    tokens: inputs.length * Math.max(1, length),
    graph: () => lossGraph(options, width, length),
    async feeds() {
      return {
        ...prefixFeeds('row', await side.contents.feeds(inputs, length)),
        'row.targets': stack(await targets.of(chosen), targets.dims),
      };
    },
  };
}

async function lossGraph({ side, batch, targets, loss }: RowsObjectiveOptions, width: number, length: number) {
  const builder = new GraphBuilder();
  const all = await side.tower.add(builder, 'row', side.contents.dims(width * batch, length));
  const vectors = Array.from({ length: width }, (_, at) => sliceAxis(builder, all, 0, at * batch, (at + 1) * batch));
  const wanted = builder.input('row.targets', 'float32', [batch, ...targets.dims]);
  return { builder, loss: loss(builder, vectors, wanted) };
}

function stack(arrays: readonly Float32Array[], dims: readonly number[]): Tensor {
  const each = sizeOf(dims);
  const data = new Float32Array(arrays.length * each);
  arrays.forEach((array, row) => void data.set(array, row * each));
  return float32([arrays.length, ...dims], data);
}
