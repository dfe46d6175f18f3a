/**
 * Element types by their names here and their codes in ONNX's TensorProto.DataType. Sixteen-bit floats are kept as
 * their bits; booleans as bytes 0 and 1, as onnxruntime does.
 */
export const ELEMENT_TYPES = {
  float32: { code: 1, array: Float32Array },
  uint8: { code: 2, array: Uint8Array },
  int8: { code: 3, array: Int8Array },
  uint16: { code: 4, array: Uint16Array },
  int16: { code: 5, array: Int16Array },
  int32: { code: 6, array: Int32Array },
  int64: { code: 7, array: BigInt64Array },
  bool: { code: 9, array: Uint8Array },
  float16: { code: 10, array: Uint16Array },
  float64: { code: 11, array: Float64Array },
  uint32: { code: 12, array: Uint32Array },
  uint64: { code: 13, array: BigUint64Array },
  bfloat16: { code: 16, array: Uint16Array },
} as const;

export type ElementType = keyof typeof ELEMENT_TYPES;

export type TensorData =
  | Float32Array
  | Float64Array
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | BigInt64Array
  | BigUint64Array;

/** A dense array in row-major order; `data.length` is the product of `dims`, 1 for a scalar (no dims). */
export interface Tensor {
  readonly type: ElementType;
  readonly dims: readonly number[];
  readonly data: TensorData;
  /** How a model file stored it, so that it can be written back the same way; opaque outside model-file. */
  readonly kept?: object;
}

/** Number of elements of a shape. */
export const sizeOf = (dims: readonly number[]): number => dims.reduce((product, size) => product * size, 1);

export const sameDims = (left: readonly number[], right: readonly number[]): boolean =>
  left.length === right.length && left.every((size, axis) => size === right[axis]);

/** Whether two tensors are the same to the last bit. */
export const sameTensor = (left: Tensor, right: Tensor): boolean =>
  left.type === right.type &&
  sameDims(left.dims, right.dims) &&
  (left.data === right.data || Buffer.compare(bytesOf(left.data), bytesOf(right.data)) === 0);

export const float32 = (dims: readonly number[], data: Float32Array | readonly number[]): Tensor => ({
  type: 'float32',
  dims,
  data: data instanceof Float32Array ? data : Float32Array.from(data),
});

/** A one-dimensional int64 tensor: axes, shapes, indices. */
export const int64 = (values: readonly number[]): Tensor => ({
  type: 'int64',
  dims: [values.length],
  data: BigInt64Array.from(values, BigInt),
});

/** The elements as numbers, for small integer tensors that parametrise an operator. */
export const numbersOf = (tensor: Tensor): number[] => Array.from(tensor.data as ArrayLike<number | bigint>, Number);

const TYPE_OF_CODE = new Map(
  Object.entries(ELEMENT_TYPES).map(([type, { code }]) => [code as number, type as ElementType]),
);

/** The element type of ONNX's code; undefined for strings, complex numbers and types below eight bits. */
export const elementTypeOf = (code: number): ElementType | undefined => TYPE_OF_CODE.get(code);

/** Bytes of one element. */
export const bytesPerElement = (type: ElementType): number => ELEMENT_TYPES[type].array.BYTES_PER_ELEMENT;

/** A view of bytes as elements; the offset must be a multiple of the element's size. */
export function elementsOf(type: ElementType, bytes: Uint8Array): TensorData {
  const { array } = ELEMENT_TYPES[type];
  return new array(bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.byteLength / array.BYTES_PER_ELEMENT);
}

/** The memory of a tensor's elements, not a copy. */
export const bytesOf = (data: TensorData): Uint8Array => new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
