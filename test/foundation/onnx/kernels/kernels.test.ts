import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { instantiateKernels } from '../../../../src/foundation/onnx/kernels/kernels.ts';
import { WebAssembly } from '../../../../src/foundation/onnx/kernels/web-assembly.ts';

const memory = new WebAssembly.Memory({ initial: 2, maximum: 2 });
const kernels = instantiateKernels(memory);
const { fround } = Math;

const number = fc.float({ min: -100, max: 100, noNaN: true, noDefaultInfinity: true });
/** Lengths around the four lanes, so that vectors and the rest are both met. */
const length = fc.integer({ min: 0, max: 23 });
const arrays = (count: number) =>
  length.chain((size) =>
    fc.tuple(...Array.from({ length: count }, () => fc.array(number, { minLength: size, maxLength: size }))),
  );

/** Puts arrays into the memory, a guard of one float between them, beginning anywhere. */
function place(values: readonly number[][], first = 4): { at: number[]; read: (index: number) => number[] } {
  const all = new Float32Array(memory.buffer);
  all.fill(77);
  const size = values[0]?.length ?? 0;
  const at = values.map((_, index) => first + index * (size + 1) * 4);
  values.forEach((array, index) => void all.set(array, (at[index] as number) / 4));
  return { at, read: (index) => [...all.subarray((at[index] as number) / 4, (at[index] as number) / 4 + size)] };
}

describe('kernels', () => {
  it('add a multiple of one array to another, whatever their length and place', () => {
    fc.assert(
      fc.property(arrays(2), number, fc.integer({ min: 0, max: 9 }), ([target = [], source = []], factor, offset) => {
        const { at, read } = place([target, source], offset * 4);
        kernels.accumulate(at[0] as number, at[1] as number, target.length, factor);
        expect(read(0)).toEqual(target.map((x, i) => fround(x + fround((source[i] as number) * factor))));
        expect(read(1)).toEqual(source);
      }),
    );
  });

  it('write nothing beside their arrays', () => {
    const { at } = place([[1, 2, 3, 4, 5]]);
    kernels.scale(at[0] as number, 5, 3);
    const all = new Float32Array(memory.buffer);
    expect([...all.subarray(0, 8)]).toEqual([77, 3, 6, 9, 12, 15, 77, 77]);
  });

  it('sum squares in double precision', () => {
    fc.assert(
      fc.property(arrays(1), ([values = []]) => {
        const { at } = place([values]);
        const exact = values.reduce((sum, x) => sum + x * x, 0);
        expect(kernels.sumOfSquares(at[0] as number, values.length)).toBeCloseTo(exact, 6);
      }),
    );
    const million = 30_000;
    new Float32Array(memory.buffer).fill(1.1);
    expect(kernels.sumOfSquares(0, million)).toBeCloseTo(million * fround(1.1) ** 2, 6);
  });

  it('mix two arrays from the values that both had before', () => {
    fc.assert(
      fc.property(arrays(2), fc.tuple(number, number, number, number), ([left = [], right = []], [a, b, c, d]) => {
        const { at, read } = place([left, right]);
        kernels.mix(at[0] as number, at[1] as number, left.length, a, b, c, d);
        const mixed = (p: number, q: number) =>
          left.map((x, i) => fround(fround(x * p) + fround((right[i] as number) * q)));
        expect(read(0)).toEqual(mixed(a, b));
        expect(read(1)).toEqual(mixed(c, d));
      }),
    );
  });

  it('round an AdamW step as single precision does, lane for lane', () => {
    fc.assert(
      fc.property(arrays(3), ([weight = [], gradient = [], first = []]) => {
        const second = first.map((x) => fround(x * x));
        const { at, read } = place([weight, gradient, first, second]);
        const [w, g, m, v] = at as [number, number, number, number];
        const f = {
          scale: 0.5,
          firstRate: 0.1,
          beta2: 0.999,
          secondRate: 0.001,
          epsilon: 1e-8,
          decay: 0.99,
          bias: 2,
          size: 0.01,
        };
        kernels.adamw(
          w,
          g,
          m,
          v,
          weight.length,
          f.scale,
          f.firstRate,
          f.beta2,
          f.secondRate,
          f.epsilon,
          f.decay,
          f.bias,
          f.size,
        );
        weight.forEach((_, i) => {
          const gradientNow = fround((gradient[i] as number) * f.scale);
          const firstWas = first[i] as number;
          const firstNow = fround(firstWas + fround(fround(gradientNow - firstWas) * fround(f.firstRate)));
          const square = fround(fround(gradientNow * gradientNow) * fround(f.secondRate));
          const secondNow = fround(fround((second[i] as number) * fround(f.beta2)) + square);
          const denominator = fround(fround(fround(Math.sqrt(secondNow)) * f.bias) + fround(f.epsilon));
          const move = fround(fround(firstNow * fround(f.size)) / denominator);
          const weightNow = fround(fround((weight[i] as number) * fround(f.decay)) - move);
          expect([read(0)[i], read(2)[i], read(3)[i]]).toEqual([weightNow, firstNow, secondNow]);
        });
      }),
      { numRuns: 50 },
    );
  });

  it('make idle AdamW steps one after another, each with its own coefficients', () => {
    const values = [
      [1, -2, 3, 4, 5],
      [0.5, -0.25, 0.125, 1, 2],
      [1, 4, 0.25, 1, 9],
    ];
    const { at } = place([...values, [0.9, 1.5, 0.1, 0], [0.8, 1.25, 0.2]]);
    const [w, m, v] = at as [number, number, number];
    const coefficients = 1024;
    new Float32Array(memory.buffer).set([0.9, 1.5, 0.1, 0.8, 1.25, 0.2], coefficients / 4);
    kernels.adamwIdle(w, m, v, 5, 0.5, 0.25, 1e-8, coefficients, 2);
    const expected = values[0]?.map((weight, i) => {
      let [now, first, second] = [weight, values[1]?.[i] as number, values[2]?.[i] as number];
      for (const [decay, bias, size] of [
        [0.9, 1.5, 0.1],
        [0.8, 1.25, 0.2],
      ] as const) {
        first *= 0.5;
        second *= 0.25;
        now = now * decay - (first * size) / (Math.sqrt(second) * bias + 1e-8);
      }
      return now;
    });
    const after = [...new Float32Array(memory.buffer).subarray(w / 4, w / 4 + 5)];
    after.forEach((value, i) => void expect(value).toBeCloseTo(expected?.[i] as number, 6));
  });
});
