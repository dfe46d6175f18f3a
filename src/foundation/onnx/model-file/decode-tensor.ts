import {
  bytesPerElement,
  ELEMENT_TYPES,
  type ElementType,
  elementsOf,
  elementTypeOf,
  sizeOf,
  type Tensor,
  type TensorData,
} from '../graph/tensor.ts';
import { type TensorProto, TensorProto_DataType } from '../proto/onnx_pb.js';
import { invalidModel } from './invalid-model.ts';
import { KeptTensor, shallowCopy, type TensorField } from './kept.ts';

/** Where the elements of a type stand when they are not raw bytes (onnx.proto, TensorProto). */
export const TYPED_FIELD = {
  float32: 'floatData',
  float64: 'doubleData',
  int64: 'int64Data',
  uint64: 'uint64Data',
  uint32: 'uint64Data',
  int32: 'int32Data',
  int16: 'int32Data',
  int8: 'int32Data',
  uint16: 'int32Data',
  uint8: 'int32Data',
  bool: 'int32Data',
  float16: 'int32Data',
  bfloat16: 'int32Data',
} as const satisfies Record<ElementType, TensorField>;

/** The element type, or an error that names the tensor. */
export function readElementType(code: number, name: string): ElementType {
  const type = elementTypeOf(code);
  if (type !== undefined) return type;
  const known: string = TensorProto_DataType[code] ?? `number ${code}`;
  throw invalidModel(
    `"${name}" has elements of type ${known}, which is not supported.`,
    'Export the model with fp32, fp16 or int8 weights and without strings.',
  );
}

/** Reads a tensor. Its elements are a view of the message's bytes where these are aligned, a copy otherwise. */
export function decodeTensor(message: TensorProto, ownBytes: boolean): Tensor {
  const type = readElementType(message.dataType, message.name);
  const dims = message.dims.map(Number);
  const { field, data } = elements(message, type, ownBytes);
  if (data.length !== sizeOf(dims)) {
    throw invalidModel(
      `tensor "${message.name}" of dimensions [${dims}] has ${data.length} elements.`,
      'The file is damaged; export or download it again.',
    );
  }
  const rest = shallowCopy(message);
  if (field === 'rawData') rest.rawData = NO_BYTES;
  else Object.assign(rest, { [field]: [] });
  return { type, dims, data, kept: new KeptTensor(rest, field) };
}

const NO_BYTES = new Uint8Array(0);

function elements(
  message: TensorProto,
  type: ElementType,
  ownBytes: boolean,
): { field: TensorField; data: TensorData } {
  if (Object.hasOwn(message, 'rawData')) {
    if (message.rawData.length % bytesPerElement(type) !== 0) {
      throw invalidModel(
        `tensor "${message.name}" has ${message.rawData.length} bytes, not a whole number of ${type} elements.`,
        'The file is damaged; export or download it again.',
      );
    }
    // The message follows its bytes: an unchanged attribute is written back from it.
    message.rawData = aligned(message.rawData, bytesPerElement(type), ownBytes);
    return { field: 'rawData', data: elementsOf(type, message.rawData) };
  }
  const field = TYPED_FIELD[type];
  const values: readonly number[] | readonly bigint[] = message[field];
  const { array } = ELEMENT_TYPES[type];
  if (array === BigInt64Array || array === BigUint64Array) {
    return { field, data: array.from(values as readonly bigint[]) };
  }
  return { field, data: (array as Int32ArrayConstructor).from(values as readonly number[], Number) };
}

/**
 * The same bytes at an offset that a typed array accepts. In memory that is our own they are moved forward over their
 * field's tag and length, which have been read already: a large model then exists once. Otherwise they are copied.
 */
function aligned(bytes: Uint8Array, elementSize: number, ownBytes: boolean): Uint8Array {
  const excess = bytes.byteOffset % elementSize;
  if (excess === 0) return bytes;
  // The tag takes one byte, the length at least one per seven bits.
  const header = bytes.byteLength < 128 ? 2 : 3;
  if (!ownBytes || excess > header) return bytes.slice();
  const memory = new Uint8Array(bytes.buffer, bytes.byteOffset - excess, bytes.byteLength + excess);
  memory.copyWithin(0, excess);
  return memory.subarray(0, bytes.byteLength);
}
