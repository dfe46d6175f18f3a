import * as ort from 'onnxruntime-node';
import { bytesOf, type ElementType, elementsOf, type Tensor, type TensorData } from '../graph/tensor.ts';

/** A tensor for onnxruntime over the same memory. */
export function toRuntime({ type, dims, data }: Tensor): ort.Tensor {
  if (type === 'bfloat16') throw new Error('onnxruntime-node takes no bfloat16 tensors; cast them inside the graph');
  const tensor = new ort.Tensor(type as 'float32', data as Float32Array, dims);
  // Where the platform has Float16Array the tensor is made of one, which the native side of 1.30 reads as empty.
  if (type === 'float16') Object.defineProperty(tensor, 'cpuData', { value: data });
  return tensor;
}

/** What onnxruntime gave, over the same memory. */
export function fromRuntime(tensor: ort.Tensor): Tensor {
  const type = tensor.type as ElementType;
  const data = tensor.data as unknown as TensorData;
  return { type, dims: tensor.dims, data: type === 'float16' ? elementsOf(type, bytesOf(data)) : data };
}
