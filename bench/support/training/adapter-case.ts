import { createRandom } from '../../../src/foundation/core/random.ts';
import { GraphBuilder } from '../../../src/foundation/onnx/graph/graph-builder.ts';
import type { Value } from '../../../src/foundation/onnx/graph/static-graph.ts';
import { float32 } from '../../../src/foundation/onnx/graph/tensor.ts';
import { infoNce } from '../../../src/learning/training/losses/info-nce.ts';
import type { TrainingCase } from './training-case.ts';

const [ROWS, WIDTH, TEMPERATURE] = [256, 384, 0.05];

/** One residual matrix for queries and items, InfoNCE over the batch: x ↦ (x + xW) / |x + xW|. */
export function adapterCase(): TrainingCase {
  const builder = new GraphBuilder();
  const matrix = float32([WIDTH, WIDTH], new Float32Array(WIDTH * WIDTH));
  const weight = builder.constant(matrix, 'matrix');
  const adapted = (name: string): Value => {
    const vectors = builder.input(name, 'float32', [ROWS, WIDTH]);
    const moved = builder.add(vectors, builder.matMul(vectors, weight));
    return builder.div(moved, builder.reduce('ReduceL2', moved, [1]));
  };
  const loss = infoNce(builder, {
    queries: adapted('queries'),
    items: adapted('items'),
    temperature: TEMPERATURE,
    symmetric: false,
  });
  const random = createRandom(1);
  const batches = Array.from({ length: 4 }, () => {
    const queries = Float32Array.from({ length: ROWS * WIDTH }, () => random.next() - 0.5);
    const items = queries.map((value) => 0.2 * value + random.next() - 0.5);
    return { queries: float32([ROWS, WIDTH], queries), items: float32([ROWS, WIDTH], items) };
  });
  return {
    builder,
    loss,
    trainable: ['matrix'],
    batches,
    peer: {
      settings: { model: 'adapter', temperature: TEMPERATURE },
      weights: [{ name: 'matrix', ours: 'matrix', transposed: false, tensor: matrix }],
      batches,
    },
  };
}
