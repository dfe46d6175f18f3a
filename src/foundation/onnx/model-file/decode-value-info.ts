import type { ValueInfo } from '../graph/graph.ts';
import type { TensorShapeProto_Dimension, ValueInfoProto } from '../proto/onnx_pb.js';
import { readElementType } from './decode-tensor.ts';
import { invalidModel } from './invalid-model.ts';

/** Reads a declared input or output. Bodies of control flow may leave types out: these count as float32 of unknown rank. */
export function decodeValueInfo(message: ValueInfoProto): ValueInfo {
  const { value } = message.type?.value ?? {};
  if (value === undefined) return { name: message.name, type: 'float32', shape: null, kept: message };
  if (value.$typeName !== 'onnx.TypeProto.Tensor') {
    throw invalidModel(
      `"${message.name}" is no tensor but ${value.$typeName.replace('onnx.TypeProto.', 'a ').toLowerCase()}.`,
      'Export a graph whose inputs and outputs are dense tensors.',
    );
  }
  return {
    name: message.name,
    type: readElementType(value.elemType, message.name),
    shape: value.shape === undefined ? null : value.shape.dim.map(decodeDimension),
    kept: message,
  };
}

function decodeDimension({ value }: TensorShapeProto_Dimension): number | string | null {
  if (value.case === 'dimValue') return Number(value.value);
  return value.case === 'dimParam' ? value.value : null;
}
