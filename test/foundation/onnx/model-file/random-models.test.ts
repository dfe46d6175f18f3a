import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Attribute, Model, ValueInfo } from '../../../../src/foundation/onnx/graph/graph.ts';
import {
  bytesPerElement,
  ELEMENT_TYPES,
  type ElementType,
  elementsOf,
  sizeOf,
  type Tensor,
} from '../../../../src/foundation/onnx/graph/tensor.ts';
import { decodeModel } from '../../../../src/foundation/onnx/model-file/decode-model.ts';
import { writeModel } from '../../../../src/foundation/onnx/model-file/write-model.ts';

const elementType = fc.constantFrom(...(Object.keys(ELEMENT_TYPES) as ElementType[]));

const tensor: fc.Arbitrary<Tensor> = fc
  .record({ type: elementType, dims: fc.array(fc.nat(3), { maxLength: 4 }) })
  .chain(({ type, dims }) => {
    const length = sizeOf(dims) * bytesPerElement(type);
    return fc.uint8Array({ minLength: length, maxLength: length }).map((bytes) => ({
      type,
      dims,
      data: elementsOf(type, Uint8Array.from(bytes)),
    }));
  });

const name = fc.string({ minLength: 1, maxLength: 8 });
const int = fc.maxSafeInteger();
const float = fc.float({ noNaN: true });

const attribute: fc.Arbitrary<Attribute> = fc.oneof(
  fc.record({ kind: fc.constant('int' as const), value: int }),
  fc.record({ kind: fc.constant('float' as const), value: float }),
  fc.record({ kind: fc.constant('string' as const), value: fc.string() }),
  fc.record({ kind: fc.constant('ints' as const), value: fc.array(int) }),
  fc.record({ kind: fc.constant('floats' as const), value: fc.array(float) }),
  fc.record({ kind: fc.constant('strings' as const), value: fc.array(fc.string()) }),
  fc.record({ kind: fc.constant('tensor' as const), value: tensor }),
);

const valueInfo: fc.Arbitrary<ValueInfo> = fc.record({
  name,
  type: elementType,
  shape: fc.option(fc.array(fc.oneof(fc.nat(1e6), name, fc.constant(null)), { maxLength: 4 })),
});

const model: fc.Arbitrary<Model> = fc.record({
  irVersion: fc.integer({ min: 3, max: 12 }),
  opsets: fc
    .dictionary(fc.constantFrom('', 'com.microsoft', 'my.domain'), fc.integer({ min: 1, max: 30 }), { minKeys: 1 })
    .map((record) => new Map(Object.entries(record))),
  producer: fc.string(),
  metadata: fc.dictionary(name, fc.string()).map((record) => new Map(Object.entries(record))),
  graph: fc.record({
    name: fc.string(),
    nodes: fc.array(
      fc.record({
        name: fc.string(),
        op: name,
        domain: fc.constantFrom('', 'com.microsoft', 'my.domain'),
        inputs: fc.array(fc.string()),
        outputs: fc.array(fc.string(), { minLength: 1 }),
        attributes: fc.dictionary(name, attribute),
      }),
    ),
    initializers: fc.array(fc.tuple(name, tensor)).map((pairs) => new Map(pairs)),
    inputs: fc.array(valueInfo),
    outputs: fc.array(valueInfo),
  }),
});

describe('models of any content', () => {
  it('are read as they were written, to the last bit', () => {
    fc.assert(
      fc.property(model, (written) => {
        const read = decodeModel(writeModel(written));
        expect(plain(read)).toEqual(plain(written));
        expect(Buffer.compare(writeModel(read), writeModel(written))).toBe(0);
      }),
      { numRuns: 300 },
    );
  });

  it('are read without copies when the bytes may be rearranged, with the same result', () => {
    fc.assert(
      fc.property(model, (written) => {
        const bytes = writeModel(written);
        const read = decodeModel(Uint8Array.from(bytes), { ownBytes: true });
        expect(plain(read)).toEqual(plain(written));
        expect(Buffer.compare(writeModel(read), bytes)).toBe(0);
      }),
      { numRuns: 300 },
    );
  });
});

/** Without what is kept of the file, and with numbers as bytes, so that NaN equals NaN. */
function plain(value: unknown): unknown {
  if (ArrayBuffer.isView(value)) return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('hex');
  if (value instanceof Map) return Array.from(value, ([key, held]) => [key, plain(held)]);
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([key]) => key !== 'kept');
  return Object.fromEntries(entries.map(([key, held]) => [key, plain(held)]));
}
