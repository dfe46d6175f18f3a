import type { GraphBuilder } from '../../graph/graph-builder.ts';
import type { Value } from '../../graph/static-graph.ts';
import type { GradientRule } from '../gradient-rule.ts';
import { inputOf, outputGradient } from '../support/context.ts';
import { asMatrix, gemm } from '../support/products.ts';

/**
 * dA = dY Bᵀ, dB = Aᵀ dY. Where B is a matrix (a layer's weight), both are one Gemm over all rows at once. Otherwise a
 * product with a transposed operand, which onnxruntime computes without transposing in memory; broadcast axes are summed.
 */
export const matMulRule: GradientRule = {
  op: 'MatMul',
  gradient(context) {
    const { builder, wanted } = context;
    const [a, b] = [inputOf(context, 0), inputOf(context, 1)];
    const [left, right] = [asRow(builder, a), asColumn(builder, b)];
    const gradient = withVectorAxes(builder, outputGradient(context), a.dims.length === 1, b.dims.length === 1);
    const weight = right.dims.length === 2;
    const byLeft = weight ? leftOfWeight : leftOfBatch;
    const byRight = weight ? rightOfWeight : rightOfBatch;
    return [
      wanted[0] ? builder.reshape(byLeft(builder, left, right, gradient), a.dims) : null,
      wanted[1] ? builder.reshape(byRight(builder, left, right, gradient), b.dims) : null,
    ];
  },
};

type Product = (builder: GraphBuilder, left: Value, right: Value, gradient: Value) => Value;

const leftOfWeight: Product = (builder, left, right, gradient) =>
  builder.reshape(gemm(builder, asMatrix(builder, gradient), right, { transB: true }), left.dims);

const rightOfWeight: Product = (builder, left, _right, gradient) =>
  gemm(builder, asMatrix(builder, left), asMatrix(builder, gradient), { transA: true });

const leftOfBatch: Product = (builder, left, right, gradient) =>
  builder.sumTo(builder.matMul(gradient, builder.transposeLast(right)), left.dims);

const rightOfBatch: Product = (builder, left, right, gradient) =>
  builder.sumTo(builder.matMul(builder.transposeLast(left), gradient), right.dims);

/** A vector on the left is a matrix of one row, on the right of one column; the result lacks that axis. */
const asRow = (builder: GraphBuilder, value: Value): Value =>
  value.dims.length === 1 ? builder.reshape(value, [1, ...value.dims]) : value;

const asColumn = (builder: GraphBuilder, value: Value): Value =>
  value.dims.length === 1 ? builder.reshape(value, [...value.dims, 1]) : value;

function withVectorAxes(builder: GraphBuilder, gradient: Value, noRow: boolean, noColumn: boolean): Value {
  const dims = noColumn ? [...gradient.dims, 1] : gradient.dims;
  return builder.reshape(gradient, noRow ? dims.toSpliced(dims.length - 1, 0, 1) : dims);
}
