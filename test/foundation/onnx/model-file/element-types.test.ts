import { create, toBinary } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { ELEMENT_TYPES, type ElementType } from '../../../../src/foundation/onnx/graph/tensor.ts';
import { decodeModel } from '../../../../src/foundation/onnx/model-file/decode-model.ts';
import { writeModel } from '../../../../src/foundation/onnx/model-file/write-model.ts';
import { TensorProto_DataType as Code, ModelProtoSchema } from '../../../../src/foundation/onnx/proto/onnx_pb.js';

interface Stored {
  readonly dataType: number;
  readonly dims: bigint[];
  readonly floatData?: number[];
  readonly int32Data?: number[];
  readonly int64Data?: bigint[];
  readonly doubleData?: number[];
  readonly uint64Data?: bigint[];
  readonly rawData?: Uint8Array;
  readonly docString?: string;
}

const fileWith = (weight: Stored): Uint8Array =>
  toBinary(
    ModelProtoSchema,
    create(ModelProtoSchema, {
      irVersion: 8n,
      opsetImport: [{ version: 17n }],
      graph: { name: 'weights', initializer: [{ name: 'weight', ...weight }] },
    }),
  );

const weightOf = (bytes: Uint8Array) => decodeModel(bytes).graph.initializers.get('weight');

describe('weights in typed fields', () => {
  const cases: ReadonlyArray<readonly [ElementType, Partial<Stored>, ReadonlyArray<number | bigint>]> = [
    ['float32', { floatData: [0.5, -2] }, [0.5, -2]],
    ['float64', { doubleData: [0.1, -2] }, [0.1, -2]],
    ['int64', { int64Data: [1n, -(2n ** 62n)] }, [1n, -(2n ** 62n)]],
    ['uint64', { uint64Data: [1n, 2n ** 63n] }, [1n, 2n ** 63n]],
    ['uint32', { uint64Data: [1n, 2n ** 32n - 1n] }, [1, 2 ** 32 - 1]],
    ['int32', { int32Data: [1, -7] }, [1, -7]],
    ['int16', { int32Data: [1, -7] }, [1, -7]],
    ['int8', { int32Data: [1, -7] }, [1, -7]],
    ['uint16', { int32Data: [1, 65_535] }, [1, 65_535]],
    ['uint8', { int32Data: [1, 255] }, [1, 255]],
    ['bool', { int32Data: [1, 0] }, [1, 0]],
    ['float16', { int32Data: [0x3c00, 0xc000] }, [0x3c00, 0xc000]],
    ['bfloat16', { int32Data: [0x3f80, 0xbf80] }, [0x3f80, 0xbf80]],
  ];

  it.each(cases)('of type %s are read, and written back into the same field', (type, fields, expected) => {
    const bytes = fileWith({ dataType: ELEMENT_TYPES[type].code, dims: [2n], ...fields });
    const weight = weightOf(bytes);
    expect(weight?.type).toBe(type);
    expect([...(weight?.data ?? [])]).toEqual(expected);
    expect(Buffer.compare(writeModel(decodeModel(bytes)), bytes)).toBe(0);
  });

  it('are written with their new values when they were changed', () => {
    const model = decodeModel(fileWith({ dataType: Code.FLOAT, dims: [2n], floatData: [1, 2], docString: 'scale' }));
    const weight = model.graph.initializers.get('weight');
    weight?.data.set([3 as never, 4 as never]);
    const again = decodeModel(writeModel(model)).graph.initializers.get('weight');
    expect([...(again?.data ?? [])]).toEqual([3, 4]);
  });
});

describe('weights that are not supported', () => {
  it.each([
    ['STRING', Code.STRING],
    ['INT4', Code.INT4],
    ['UINT4', Code.UINT4],
    ['FLOAT8E4M3FN', Code.FLOAT8E4M3FN],
    ['COMPLEX64', Code.COMPLEX64],
    ['number 99', 99],
  ])('are refused by name: %s', (said, dataType) => {
    const bytes = fileWith({ dataType, dims: [1n], rawData: new Uint8Array(1) });
    expect(() => weightOf(bytes)).toThrow(`"weight" has elements of type ${said}, which is not supported.`);
  });

  it('are refused when bytes are missing or left over', () => {
    const short = fileWith({ dataType: Code.FLOAT, dims: [3n], rawData: new Uint8Array(8) });
    expect(() => weightOf(short)).toThrow('tensor "weight" of dimensions [3] has 2 elements.');
    const odd = fileWith({ dataType: Code.FLOAT, dims: [2n], rawData: new Uint8Array(7) });
    expect(() => weightOf(odd)).toThrow('tensor "weight" has 7 bytes, not a whole number of float32 elements.');
  });
});
