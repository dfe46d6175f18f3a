import path from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../../src/foundation/core/random.ts';
import type { Model, Node } from '../../../../src/foundation/onnx/graph/graph.ts';
import { floatToHalf } from '../../../../src/foundation/onnx/graph/half-floats.ts';
import { float32, sameTensor, sizeOf, type Tensor } from '../../../../src/foundation/onnx/graph/tensor.ts';
import { decodeModel } from '../../../../src/foundation/onnx/model-file/decode-model.ts';
import { readModel } from '../../../../src/foundation/onnx/model-file/read-model.ts';
import { writeModel } from '../../../../src/foundation/onnx/model-file/write-model.ts';
import { foldSmallWeights } from '../../../../src/foundation/onnx/prepare/fold-small-weights.ts';
import { storeSmall } from '../../../../src/foundation/onnx/prepare/store-small.ts';
import { evaluate } from '../../../../src/foundation/onnx/session/open-session.ts';
import { describeWithShared } from '../../../support/shared.ts';
import { float, input, int, node, smallModel } from '../support/small-model.ts';

const own = fileURLToPath(new URL('../../../../models', import.meta.url));

/** A model that only gives its weight, computed by these nodes. */
const weightModel = (nodes: readonly Node[], initializers: Record<string, Tensor>, opset = 21): Model =>
  smallModel({ nodes: [...nodes, node('Identity', ['w'], ['y'])], outputs: ['y'], initializers, opset });

const integers = (dims: readonly number[], seed = 1): Tensor => {
  const random = createRandom(seed);
  return { type: 'int8', dims, data: Int8Array.from({ length: sizeOf(dims) }, () => random.integer(256) - 128) };
};

const floats = (dims: readonly number[], seed = 2): Tensor => {
  const random = createRandom(seed);
  return float32(
    dims,
    Float32Array.from({ length: sizeOf(dims) }, () => random.next() - 0.5),
  );
};

async function foldsExactly(model: Model): Promise<Model> {
  const folded = foldSmallWeights(model);
  const weight = folded.graph.initializers.get('w');
  expect(folded.graph.nodes.map((each) => each.op)).toEqual(['Identity']);
  const { y } = await evaluate(writeModel(model));
  expect(weight !== undefined && y !== undefined && sameTensor({ ...weight, dims: y.dims }, y)).toBe(true);
  return folded;
}

describe('small weights', () => {
  it('of int8 with DequantizeLinear become what onnxruntime computes, per tensor and along each axis', async () => {
    const q = integers([3, 4, 5]);
    const scalar = weightModel([node('DequantizeLinear', ['q', 's'], ['w'])], { q, s: float32([], [0.3]) });
    expect((await foldsExactly(scalar)).folded?.get('w')).toEqual({ kind: 'int8', axis: null, by: 'DequantizeLinear' });
    for (const axis of [0, 1, 2, -1]) {
      const length = q.dims.at(axis) ?? 0;
      const zeros: Tensor = { ...integers([length], 7), type: 'int8' };
      const nodes = [node('DequantizeLinear', ['q', 's', 'z'], ['w'], { axis: int(axis) })];
      const folded = await foldsExactly(weightModel(nodes, { q, s: floats([length]), z: zeros }));
      expect(folded.folded?.get('w')).toMatchObject({ axis: (axis + 3) % 3 });
    }
  });

  it('of int8 with one scale per block become what onnxruntime computes', async () => {
    const nodes = [node('DequantizeLinear', ['q', 's'], ['w'], { axis: int(1), block_size: int(2) })];
    await foldsExactly(weightModel(nodes, { q: integers([3, 4, 5]), s: floats([3, 2, 5]) }));
  });

  it('of uint8 with Cast, Sub and Mul become what onnxruntime computes', async () => {
    const q: Tensor = { type: 'uint8', dims: [6, 4], data: Uint8Array.from({ length: 24 }, (_, index) => index * 10) };
    const nodes = [
      node('Cast', ['q'], ['c'], { to: int(1) }),
      node('Sub', ['c', 'z'], ['d']),
      node('Mul', ['s', 'd'], ['w']),
    ];
    const folded = await foldsExactly(weightModel(nodes, { q, z: float32([], [128]), s: floats([1, 4]) }));
    expect(folded.folded?.get('w')).toEqual({ kind: 'int8', axis: 1, by: 'Cast and Mul' });
  });

  it('of fp16 with Cast become what onnxruntime computes, infinities and tiny numbers too', async () => {
    const data = Uint16Array.from([0, 1, 0x3ff, 0x400, 0x3c00, 0x7bff, 0x7c00, 0xfc00, 0x8001, 0xbc01]);
    const nodes = [node('Cast', ['h'], ['w'], { to: int(1) })];
    await foldsExactly(weightModel(nodes, { h: { type: 'float16', dims: [10], data } }));
  });

  it('leave alone what is no weight: casts of integers that are not scaled, weights that are computed', () => {
    const model = smallModel({
      nodes: [node('Cast', ['q'], ['c'], { to: int(1) }), node('Mul', ['c', 'x'], ['y'])],
      inputs: [input('x', [4])],
      outputs: ['y'],
      initializers: { q: integers([4]) },
    });
    expect(foldSmallWeights(model).graph.nodes.map((each) => each.op)).toEqual(['Cast', 'Mul']);
  });
});

describe('weights stored small', () => {
  it.each(['DequantizeLinear', 'Cast and Mul'] as const)('as int8 by %s are off by at most half a scale', (by) => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 4 }),
        fc.nat(),
        fc.nat(4),
        (dims, seed, chosen) => {
          const axis = chosen < dims.length ? chosen : null;
          const weight = floats(dims, seed);
          const model = smallModel({
            nodes: [node('Identity', ['w'], ['y'])],
            outputs: ['y'],
            initializers: { w: weight },
          });
          const stored = storeSmall(model, new Map([['w', { kind: 'int8', axis, by }]]));
          const back = foldSmallWeights(decodeModel(writeModel(stored)));
          const values = back.graph.initializers.get('w')?.data as Float32Array;
          const largest = Math.max(...(weight.data as Float32Array).map(Math.abs));
          for (const [index, value] of values.entries()) {
            expect(Math.abs(value - Number(weight.data[index]))).toBeLessThanOrEqual((largest / 127 / 2) * 1.001);
          }
          // What was stored once is stored again without another loss.
          const twice = foldSmallWeights(storeSmall(back, 'as before'));
          expect(sameTensor(twice.graph.initializers.get('w')!, back.graph.initializers.get('w')!)).toBe(true);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('keep zero rows exactly zero', () => {
    const model = smallModel({
      nodes: [node('Identity', ['w'], ['y'])],
      outputs: ['y'],
      initializers: { w: float32([2, 2], [0, 0, 1, 2]) },
    });
    const back = foldSmallWeights(
      storeSmall(model, new Map([['w', { kind: 'int8', axis: 0, by: 'DequantizeLinear' }]])),
    );
    expect([...back.graph.initializers.get('w')!.data]).toEqual([0, 0, expect.closeTo(1, 1), 2]);
  });

  it('are the same on average when they are rounded by chance, and the same again with the same seed', () => {
    const values = Float32Array.from({ length: 20_000 }, (_, index) => (index === 0 ? 127 : 3.2));
    const model = smallModel({
      nodes: [node('Identity', ['w'], ['y'])],
      outputs: ['y'],
      initializers: { w: float32([20_000], values) },
    });
    const how = new Map([['w', { kind: 'int8', axis: null, by: 'DequantizeLinear' } as const]]);
    const rounded = (seed: number): number[] =>
      [
        ...foldSmallWeights(storeSmall(model, how, { rounding: 'stochastic', seed })).graph.initializers.get('w')!.data,
      ].map(Number);
    const first = rounded(1);
    expect(new Set(first)).toEqual(new Set([127, 3, 4]));
    expect(first.slice(1).reduce((sum, value) => sum + value, 0) / 19_999).toBeCloseTo(3.2, 1);
    expect(rounded(1)).toEqual(first);
    expect(rounded(2)).not.toEqual(first);
    expect([...foldSmallWeights(storeSmall(model, how)).graph.initializers.get('w')!.data][1]).toBe(3);
  });

  it('that were int8 before and did not change are not moved by chance', async () => {
    const folded = foldSmallWeights(await readModel(path.join(own, 'starter', 'encoder.onnx')));
    const again = foldSmallWeights(storeSmall(folded, 'as before', { rounding: 'stochastic', seed: 5 }));
    for (const name of folded.folded?.keys() ?? []) {
      const [before, after] = [folded, again].map((each) => each.graph.initializers.get(name)!);
      expect(sameTensor(before!, after!), name).toBe(true);
    }
  });

  it('as int8 have one scale per row of a table, per column of a matrix, per channel of a kernel', () => {
    const model = smallModel({
      nodes: [
        node('Gather', ['table', 'ids'], ['rows']),
        node('MatMul', ['rows', 'matrix'], ['product']),
        node('Gemm', ['product', 'transposed'], ['y'], { transB: int(1), alpha: float(1) }),
        node('Conv', ['pixels', 'kernel'], ['map']),
      ],
      inputs: [input('ids', [2], 'int64'), input('pixels', [1, 8, 8, 8])],
      outputs: ['y', 'map'],
      initializers: {
        table: floats([100, 64]),
        matrix: floats([64, 80]),
        transposed: floats([70, 80]),
        kernel: floats([64, 8, 3, 3]),
        bias: floats([80]),
      },
    });
    const { folded } = foldSmallWeights(storeSmall(model, 'int8'));
    const axes = [...(folded ?? [])].map(([name, storage]) => [name, storage.kind === 'int8' && storage.axis]);
    expect(Object.fromEntries(axes)).toEqual({ table: 0, matrix: 1, transposed: 0, kernel: 0 });
  });

  it('as fp16 round to the nearest', () => {
    const model = smallModel({
      nodes: [node('Identity', ['w'], ['y'])],
      outputs: ['y'],
      initializers: { w: floats([80, 80]) },
    });
    const back = foldSmallWeights(storeSmall(model, 'float16')).graph.initializers.get('w')!;
    for (const [index, value] of (back.data as Float32Array).entries()) {
      const before = Number(floats([80, 80]).data[index]);
      expect(Math.abs(value - before)).toBeLessThanOrEqual(Math.abs(before) * 2 ** -11 + 2 ** -25);
      expect(floatToHalf(before)).toBe(floatToHalf(value));
    }
  });
});

async function foldsAndStoresExactly(file: string): Promise<void> {
  const folded = foldSmallWeights(await readModel(file));
  const again = foldSmallWeights(decodeModel(writeModel(storeSmall(folded, 'as before'))));
  expect(again.folded).toEqual(folded.folded);
  expect(folded.folded?.size).toBeGreaterThan(20);
  for (const [name, tensor] of folded.graph.initializers) {
    expect(sameTensor(tensor, again.graph.initializers.get(name)!), name).toBe(true);
  }
}

describe('the weights of the embedded models', () => {
  it.each(['starter', 'starter-image'])('are the same after folding and storing again: %s', async (name) => {
    await foldsAndStoresExactly(path.join(own, name, 'encoder.onnx'));
  });
});

describeWithShared('the weights of an int8 export', (shared) => {
  it('are the same after folding and storing again', async () => {
    await foldsAndStoresExactly(path.join(shared, 'models', 'minilm-int8', 'encoder.onnx'));
  });
});
