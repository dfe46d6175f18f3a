import { differentiate } from '../../../src/foundation/onnx/autodiff/differentiate.ts';
import { intAttribute } from '../../../src/foundation/onnx/graph/graph.ts';
import type { StaticGraph } from '../../../src/foundation/onnx/graph/static-graph.ts';
import { sizeOf } from '../../../src/foundation/onnx/graph/tensor.ts';
import { ParameterStore } from '../../../src/foundation/onnx/optimizers/parameter-store.ts';
import { bindWeights } from '../../../src/learning/training/step/bound-weights.ts';
import type { TrainingCase } from './training-case.ts';

/** Floating-point operations of the matrix products in a step: forward, and forward with backward. */
export function countFlops({ builder, loss, trainable }: TrainingCase): { forward: number; step: number } {
  const weights = bindWeights(builder, new ParameterStore(), trainable);
  const forward = productFlops(weights.builder.build([loss]));
  const gradients = differentiate(weights.builder, loss, [...weights.whole, ...weights.rows]);
  return { forward, step: productFlops(weights.builder.build([loss, ...gradients])) };
}

function productFlops(graph: StaticGraph): number {
  let flops = 0;
  for (const node of graph.nodes) {
    if (node.op !== 'MatMul' && node.op !== 'Gemm') continue;
    const left = graph.values.get(node.inputs[0] as string)?.dims ?? [];
    const result = graph.values.get(node.outputs[0] as string)?.dims ?? [];
    const transposed = node.op === 'Gemm' && intAttribute(node, 'transA', 0) === 1;
    flops += 2 * sizeOf(result) * (left.at(transposed ? -2 : -1) ?? 0);
  }
  return flops;
}
