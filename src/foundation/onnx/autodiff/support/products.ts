import type { GraphBuilder } from '../../graph/graph-builder.ts';
import type { Value } from '../../graph/static-graph.ts';
import { sizeOf } from '../../graph/tensor.ts';

export interface GemmForm {
  readonly transA?: boolean;
  readonly transB?: boolean;
  readonly alpha?: number;
}

/** alpha · A′ B′ of two matrices, each transposed or not, without a transposition in memory. */
export function gemm(builder: GraphBuilder, left: Value, right: Value, form: GemmForm = {}): Value {
  const { transA = false, transB = false, alpha = 1 } = form;
  const rows = left.dims[transA ? 1 : 0] as number;
  const columns = right.dims[transB ? 0 : 1] as number;
  const attributes = {
    ...(transA ? { transA: 1 } : {}),
    ...(transB ? { transB: 1 } : {}),
    ...(alpha === 1 ? {} : { alpha: { kind: 'float', value: alpha } as const }),
  };
  return builder.node('Gemm', [left, right], { type: left.type, dims: [rows, columns] }, attributes);
}

/** All leading axes become one: the rows of a matrix. */
export const asMatrix = (builder: GraphBuilder, value: Value): Value =>
  builder.reshape(value, [sizeOf(value.dims.slice(0, -1)), value.dims.at(-1) as number]);
