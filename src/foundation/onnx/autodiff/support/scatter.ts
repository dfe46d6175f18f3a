import type { GraphBuilder } from '../../graph/graph-builder.ts';
import type { Value } from '../../graph/static-graph.ts';
import { float32, numbersOf } from '../../graph/tensor.ts';
import { gemm } from './products.ts';
import { zerosLike } from './zeros.ts';

/** Up to this many rows, a product with a one-hot matrix is faster than adding element by element. */
const FEW_ROWS = 64;

/**
 * Adds rows to zeros, each at its index; negative indices count from the end.
 *
 * Not by ScatterND with reduction add: onnxruntime lets several threads add to the same row at once and loses summands
 * (github.com/microsoft/onnxruntime/issues/18048).
 *
 * @param count how many rows the result has
 * @param indices [n], int64
 * @param rows [n, width]
 * @returns [count, width]
 */
export function scatteredRows(builder: GraphBuilder, count: number, indices: Value, rows: Value): Value {
  const [n, width] = rows.dims as [number, number];
  if (areDistinct(builder, indices, count)) {
    const zeros = zerosLike(builder, rows, [count, width]);
    return builder.node('ScatterND', [zeros, builder.reshape(indices, [n, 1]), rows], zeros);
  }
  if (count <= FEW_ROWS && rows.type === 'float32') {
    const zeroAndOne = builder.constant(float32([2], [0, 1]));
    const result = { type: rows.type, dims: [n, count] };
    const chosen = builder.node('OneHot', [indices, builder.ints([count]), zeroAndOne], result, { axis: 1 });
    return gemm(builder, chosen, rows, { transA: true });
  }
  const everywhere = builder.expand(builder.reshape(indices, [n, 1]), [n, width]);
  return scatteredElements(builder, [count, width], everywhere, rows, 0);
}

/** Adds elements to zeros of the dimensions `dims`, each at its index along `axis`. */
export function scatteredElements(
  builder: GraphBuilder,
  dims: readonly number[],
  indices: Value,
  elements: Value,
  axis: number,
): Value {
  const zeros = zerosLike(builder, elements, dims);
  return builder.node('ScatterElements', [zeros, indices, elements], zeros, { axis, reduction: 'add' });
}

/** Whether the indices are known and none of them stands twice: positions, for example. */
function areDistinct(builder: GraphBuilder, indices: Value, count: number): boolean {
  const constant = builder.constantOf(indices);
  if (constant === undefined) return false;
  const numbers = numbersOf(constant).map((index) => (index < 0 ? index + count : index));
  return new Set(numbers).size === numbers.length;
}
