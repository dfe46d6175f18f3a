import { create } from '@bufbuild/protobuf';
import { bytesOf, ELEMENT_TYPES, type Tensor } from '../graph/tensor.ts';
import { type TensorProto, TensorProtoSchema } from '../proto/onnx_pb.js';
import { TYPED_FIELD } from './decode-tensor.ts';
import { KeptTensor, shallowCopy, type TensorField } from './kept.ts';

/** Writes a tensor into the field it was read from, or else as raw bytes (not copied before the message is). */
export function encodeTensor(name: string, tensor: Tensor): TensorProto {
  const kept = tensor.kept instanceof KeptTensor ? tensor.kept : undefined;
  const message = kept === undefined ? create(TensorProtoSchema) : shallowCopy(kept.message);
  message.dims = tensor.dims.map(BigInt);
  message.dataType = ELEMENT_TYPES[tensor.type].code;
  if (message.name !== name) message.name = name;
  // A file with no elements at all holds neither field.
  const field: TensorField = kept?.field === TYPED_FIELD[tensor.type] ? kept.field : 'rawData';
  if (field === 'rawData') message.rawData = bytesOf(tensor.data);
  else Object.assign(message, { [field]: Array.from(tensor.data as ArrayLike<number | bigint>, elementFor(field)) });
  return message;
}

const elementFor = (field: TensorField): ((value: number | bigint) => number | bigint) =>
  field === 'uint64Data' || field === 'int64Data' ? BigInt : Number;
