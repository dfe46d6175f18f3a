import { expect, test } from 'vitest';
import { fuseTransposedProducts } from '../../../../src/foundation/onnx/autodiff/fuse-transposed-products.ts';
import { GraphBuilder } from '../../../../src/foundation/onnx/graph/graph-builder.ts';
import type { StaticGraph } from '../../../../src/foundation/onnx/graph/static-graph.ts';
import { float32 } from '../../../../src/foundation/onnx/graph/tensor.ts';
import { evaluate } from '../../../../src/foundation/onnx/session/open-session.ts';

const count = (graph: StaticGraph, op: string): number => graph.nodes.filter((node) => node.op === op).length;
const numbers = (length: number): Float32Array => Float32Array.from({ length }, (_, at) => Math.sin(at + 1));

test('products with transposed operands are fused and give the same values', async () => {
  const builder = new GraphBuilder();
  const left = builder.input('left', 'float32', [2, 3, 4]);
  const right = builder.input('right', 'float32', [2, 5, 4]);
  const product = builder.matMul(left, builder.transposeLast(right));
  const both = builder.matMul(builder.transposeLast(product), builder.transposeLast(builder.transposeLast(left)));
  const graph = builder.build([product, both]);
  const fused = fuseTransposedProducts(graph);
  expect([count(fused, 'MatMul'), count(fused, 'FusedMatMul')]).toEqual([0, 2]);
  const feeds = { left: float32([2, 3, 4], numbers(24)), right: float32([2, 5, 4], numbers(40)) };
  const [plain, quick] = [await evaluate(graph, feeds), await evaluate(fused, feeds)];
  for (const [name, { data }] of Object.entries(plain)) {
    const close = Array.from(data as Float32Array, (value) => expect.closeTo(value, 5));
    expect(Array.from(quick[name]!.data as Float32Array)).toEqual(close);
  }
});

test('a transposition that is read elsewhere, or that moves other axes, stays', () => {
  const builder = new GraphBuilder();
  const x = builder.input('x', 'float32', [2, 3, 3]);
  const turned = builder.transposeLast(x);
  const outputs = [builder.matMul(x, turned), builder.unary('Exp', turned)];
  const moved = builder.matMul(builder.transpose(x, [1, 0, 2]), builder.input('y', 'float32', [3, 3]));
  const fused = fuseTransposedProducts(builder.build([...outputs, moved]));
  expect([count(fused, 'Transpose'), count(fused, 'MatMul'), count(fused, 'FusedMatMul')]).toEqual([2, 1, 1]);
});
