import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../../../../src/foundation/onnx/graph/graph-builder.ts';
import { ELEMENT_TYPES, type ElementType, float32, type Tensor } from '../../../../src/foundation/onnx/graph/tensor.ts';
import { evaluate, openSession } from '../../../../src/foundation/onnx/session/open-session.ts';

function doubling() {
  const builder = new GraphBuilder();
  const x = builder.input('x', 'float32', [2, 2]);
  builder.output(builder.mul(x, builder.scalar(2)));
  builder.output(builder.unary('Neg', x));
  return builder.build();
}

const x = float32([2, 2], [1, 2, 3, 4]);

describe('a session', () => {
  it('computes all outputs, or those that are asked for', async () => {
    const session = await openSession(doubling(), { threads: 1 });
    const [double = '', negative = ''] = session.outputs;
    expect(session.inputs).toEqual(['x']);
    expect(Object.keys(await session.run({ x }))).toEqual([double, negative]);
    const some = await session.run({ x }, [double]);
    expect(some).toEqual({ [double]: float32([2, 2], [2, 4, 6, 8]) });
    await session.release();
  });

  it('writes into memory that it is given', async () => {
    const session = await openSession(doubling());
    const [double = '', negative = ''] = session.outputs;
    const memory = new Float32Array(10);
    const target = float32([2, 2], memory.subarray(3, 7));
    const results = await session.run({ x }, { [double]: target, [negative]: null });
    expect([...memory]).toEqual([0, 0, 0, 2, 4, 6, 8, 0, 0, 0]);
    expect(results[double]?.data.buffer).toBe(memory.buffer);
    expect([...(results[negative]?.data ?? [])]).toEqual([-1, -2, -3, -4]);
    await session.release();
  });

  it('reads inputs that are part of a larger memory', async () => {
    const memory = Float32Array.from({ length: 8 }, (_, index) => index);
    const found = await evaluate(doubling(), { x: float32([2, 2], memory.subarray(4)) });
    expect([...(Object.values(found)[0]?.data ?? [])]).toEqual([8, 10, 12, 14]);
  });

  it.each(
    Object.keys(ELEMENT_TYPES).filter((type) => type !== 'bfloat16') as ElementType[],
  )('takes and gives tensors of type %s', async (type) => {
    const builder = new GraphBuilder();
    const value = builder.input('value', type, [3]);
    builder.output(builder.unary('Identity', value));
    const { array } = ELEMENT_TYPES[type];
    const data = new array(3);
    new Uint8Array(data.buffer).fill(1);
    const tensor: Tensor = { type, dims: [3], data };
    const [given] = Object.values(await evaluate(builder.build(), { value: tensor }));
    expect(given?.type).toBe(type);
    expect(given?.data).toEqual(data);
    expect(given?.data).toBeInstanceOf(array);
  });

  it('gives the same at every level of optimisation', async () => {
    for (const optimization of ['disabled', 'basic', 'extended', 'all'] as const) {
      const found = await evaluate(doubling(), { x }, { optimization });
      expect([...(Object.values(found)[0]?.data ?? [])]).toEqual([2, 4, 6, 8]);
    }
  });

  it.each([
    'webgpu',
    'cuda',
  ] as const)('computes the same on a graphics card, or says what is missing: %s', async (provider) => {
    const answer = await evaluate(doubling(), { x }, { provider }).then(
      (found) => [...(Object.values(found)[0]?.data ?? [])],
      (error: { message: string; hint: string }) => `${error.message} ${error.hint}`,
    );
    if (typeof answer === 'string')
      expect(answer).toMatch(new RegExp(`The provider ${provider} cannot be opened here.*use provider cpu`, 's'));
    else expect(answer).toEqual([2, 4, 6, 8]);
  });

  it('is refused with the reason when onnxruntime cannot open the graph', async () => {
    const builder = new GraphBuilder();
    const value = builder.input('x', 'float32', [2]);
    builder.output(builder.unary('Frobnicate', value));
    await expect(openSession(builder.build())).rejects.toMatchObject({ code: 'invalid_model' });
    await expect(openSession(builder.build())).rejects.toThrow(/onnxruntime cannot open the graph: .*Frobnicate/);
    await expect(openSession(new Uint8Array([1, 2, 3]))).rejects.toMatchObject({ code: 'invalid_model' });
  });
});
