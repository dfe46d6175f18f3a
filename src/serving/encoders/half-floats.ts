import type { Tensor } from 'onnxruntime-node';
import { halfToFloat } from '../../foundation/onnx/graph/half-floats.ts';

/** Vectors are fp32 everywhere; fp16 graphs answer in fp16, as Float16Array or as raw bits, depending on the runtime. */
export function floatsOf(data: Tensor['data']): Float32Array {
  if (data instanceof Float32Array) return data;
  if (data instanceof Uint16Array) return Float32Array.from(data, halfToFloat);
  return Float32Array.from(data as unknown as ArrayLike<number>);
}
