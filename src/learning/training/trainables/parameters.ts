import type { Model } from '../../../foundation/onnx/graph/graph.ts';
import { sizeOf, type Tensor } from '../../../foundation/onnx/graph/tensor.ts';

/** Operators that read weights, and by which of their inputs. */
const WEIGHT_INPUTS: Readonly<Record<string, readonly number[]>> = {
  MatMul: [0, 1],
  Gemm: [1, 2],
  Conv: [1, 2],
  Gather: [0],
  Add: [0, 1],
  Mul: [0, 1],
  LayerNormalization: [1, 2],
};

/**
 * The weights of a model that can be trained: single-precision tensors that an operator reads as matrix, kernel, table,
 * bias or scale. Numbers (bounds, exponents, epsilons) and masks with infinities are none.
 *
 * @param model with weights that were stored small folded to single precision.
 */
export function trainableParameters(model: Model): ReadonlyMap<string, Tensor> {
  const found = new Map<string, Tensor>();
  for (const node of model.graph.nodes) {
    for (const place of WEIGHT_INPUTS[node.op] ?? []) {
      const name = node.inputs[place] ?? '';
      const tensor = model.graph.initializers.get(name);
      if (tensor?.type === 'float32' && sizeOf(tensor.dims) > 1 && isWeight(tensor)) found.set(name, tensor);
    }
  }
  return found;
}

const isWeight = (tensor: Tensor): boolean => (tensor.data as Float32Array).every((value) => Math.abs(value) < 1e30);
