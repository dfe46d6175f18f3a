import { createRandom } from '../../../../../src/foundation/core/random.ts';
import { GraphBuilder } from '../../../../../src/foundation/onnx/graph/graph-builder.ts';
import type { Value } from '../../../../../src/foundation/onnx/graph/static-graph.ts';
import { float32, sizeOf, type Tensor } from '../../../../../src/foundation/onnx/graph/tensor.ts';

export const [VOCABULARY, WIDTH, TOKENS] = [11, 6, 3];
export const TRAINABLE = ['table', 'positions', 'dense.weight', 'dense.bias'];

const random = createRandom(5);
const uniform = (...dims: number[]): Tensor =>
  float32(
    dims,
    Float32Array.from({ length: sizeOf(dims) }, () => random.next() - 0.5),
  );

const WEIGHTS: Readonly<Record<string, Tensor>> = {
  table: uniform(VOCABULARY, WIDTH),
  positions: uniform(TOKENS + 2, WIDTH),
  'dense.weight': uniform(WIDTH, WIDTH),
  'dense.bias': uniform(WIDTH),
};

export interface SmallEncoder {
  readonly builder: GraphBuilder;
  readonly vectors: Value;
}

/**
 * An embedding table, positions, one dense layer, the mean over tokens.
 *
 * @param whole let the graph compute the token ids, so that the table has to stay in it
 */
export function smallEncoder(rows: number, { whole = false } = {}, builder = new GraphBuilder()): SmallEncoder {
  const weight = (name: string): Value =>
    builder.has(name) ? builder.value(name) : builder.constant(WEIGHTS[name] as Tensor, name);
  const ids = builder.input('ids', 'int64', [rows, TOKENS]);
  const read = whole ? builder.add(ids, builder.ints([0])) : ids;
  const shape = { type: 'float32', dims: [rows, TOKENS, WIDTH] } as const;
  const tokens = builder.node('Gather', [weight('table'), read], shape, { axis: 0 });
  const order = builder.ints([...Array(TOKENS).keys()]);
  const positions = builder.node('Gather', [weight('positions'), order], { type: 'float32', dims: [TOKENS, WIDTH] });
  const hidden = builder.add(tokens, positions);
  const dense = builder.add(builder.matMul(hidden, weight('dense.weight')), weight('dense.bias'));
  return { builder, vectors: builder.reduce('ReduceMean', builder.unary('Tanh', dense), [1], false) };
}

/** Softmax cross-entropy of every row against all rows, its own being the right one. */
export function contrastive(builder: GraphBuilder, left: Value, right: Value): Value {
  const logits = builder.matMul(left, builder.transposeLast(right));
  const rows = left.dims[0] as number;
  const chosen = Float32Array.from({ length: rows * rows }, (_, i) => (i % (rows + 1) === 0 ? -1 / rows : 0));
  const log = builder.unary('LogSoftmax', logits, { axis: -1 });
  return builder.reduce('ReduceSum', builder.mul(log, builder.constant(float32([rows, rows], chosen))), [0, 1], false);
}

export const idsOf = (rows: number, seed: number, below = VOCABULARY): Tensor => {
  const numbers = createRandom(seed);
  const data = BigInt64Array.from({ length: rows * TOKENS }, () => BigInt(numbers.integer(below)));
  return { type: 'int64', dims: [rows, TOKENS], data };
};
