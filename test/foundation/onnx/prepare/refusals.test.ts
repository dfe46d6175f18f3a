import { describe, expect, it } from 'vitest';
import type { Model } from '../../../../src/foundation/onnx/graph/graph.ts';
import { float32, int64 } from '../../../../src/foundation/onnx/graph/tensor.ts';
import { specialise } from '../../../../src/foundation/onnx/prepare/specialise.ts';
import { input, int, node, smallModel } from '../support/small-model.ts';

const x = input('x', ['batch', 4]);
const dims = { x: [2, 4] };

const refusal = (model: Model, given: Record<string, number[]> = dims) =>
  specialise(model, given).then(
    () => 'accepted',
    (error: { code: string; message: string; hint: string }) => `${error.code}: ${error.message} → ${error.hint}`,
  );

describe('a model that cannot be trained', () => {
  it('is refused for integer arithmetic, naming the node', async () => {
    const model = smallModel({
      nodes: [node('DynamicQuantizeLinear', ['x'], ['q', 's', 'z']), node('MatMulInteger', ['q', 'w', 'z'], ['y'])],
      inputs: [x],
      outputs: ['y'],
      outputType: 'int32',
      initializers: { w: { type: 'int8', dims: [4, 2], data: new Int8Array(8) } },
    });
    expect(await refusal(model)).toBe(
      'invalid_model: DynamicQuantizeLinear "DynamicQuantizeLinear of q" computes with integers, through which no gradient flows. → ' +
        'Export the model with fp32 or fp16 weights, or with weights alone in int8 (weight-only quantisation).',
    );
  });

  it('is refused for control flow that depends on the data', async () => {
    const branch = (name: string) => ({
      kind: 'graph' as const,
      value: { ...smallModel({ nodes: [node('Relu', ['x'], [name])], outputs: [name] }).graph },
    });
    const model = smallModel({
      nodes: [
        node('ReduceSum', ['x'], ['sum'], { keepdims: int(0) }),
        node('Greater', ['sum', 'zero'], ['positive']),
        node('If', ['positive'], ['y'], { then_branch: branch('yes'), else_branch: branch('no') }),
      ],
      inputs: [x],
      outputs: ['y'],
      initializers: { zero: float32([], [0]) },
    });
    expect(await refusal(model)).toContain('If "If of y" decides at run time what to compute.');
  });

  it('is refused for a shape that depends on the data', async () => {
    const nonZero = smallModel({
      nodes: [node('NonZero', ['x'], ['y'])],
      inputs: [x],
      outputs: ['y'],
      outputType: 'int64',
    });
    expect(await refusal(nonZero)).toContain('NonZero "NonZero of y" gives a result whose shape depends on the data');
    const reshape = smallModel({
      nodes: [node('Reshape', ['x', 'target'], ['y'])],
      inputs: [x, input('target', [2], 'int64')],
      outputs: ['y'],
    });
    expect(await refusal(reshape)).toContain('Reshape "Reshape of y" gives a result whose shape depends on the data');
    const slice = smallModel({
      nodes: [node('Slice', ['x', 'zero', 'n', 'one'], ['y'])],
      inputs: [x, input('n', [1], 'int64')],
      outputs: ['y'],
      initializers: { zero: int64([0]), one: int64([1]) },
    });
    expect(await refusal(slice)).toContain(
      'Slice "Slice of y" gives a result whose shape depends on the data, not on the shapes of the inputs (its input "n")',
    );
  });

  it('is refused for an operator of a foreign domain', async () => {
    const model = smallModel({
      nodes: [node('Twice', ['x'], ['y'], {}, 'my.domain')],
      inputs: [x],
      outputs: ['y'],
      domains: { 'my.domain': 1 },
    });
    expect(await refusal(model)).toContain(
      'my.domain.Twice "Twice of y" is no operator of the standard or of onnxruntime.',
    );
  });

  it('is refused for an unknown operator, naming node and operator', async () => {
    const model = smallModel({ nodes: [node('Frobnicate', ['x'], ['y'])], inputs: [x], outputs: ['y'] });
    expect(await refusal(model)).toMatch(/invalid_model: Frobnicate "Frobnicate of y" cannot be run.*Frobnicate/s);
  });

  it.each([11, 27])('is refused for an operator set that is too old or too new: %i', async (opset) => {
    const model = smallModel({ nodes: [node('Relu', ['x'], ['y'])], inputs: [x], outputs: ['y'], opset });
    expect(await refusal(model)).toContain(`the model uses operator set ${opset}; 13 to 26 are understood.`);
  });

  it('is refused for random numbers', async () => {
    const model = smallModel({
      nodes: [node('RandomNormalLike', ['x'], ['noise']), node('Add', ['x', 'noise'], ['y'])],
      inputs: [x],
      outputs: ['y'],
    });
    expect(await refusal(model)).toContain('RandomNormalLike "RandomNormalLike of noise" draws random numbers.');
  });
});

describe('the dimensions of inputs', () => {
  const relu = (shape: Parameters<typeof input>[1]) =>
    smallModel({ nodes: [node('Relu', ['x'], ['y'])], inputs: [input('x', shape)], outputs: ['y'] });

  it('must be given where the model leaves them open', async () => {
    expect(await refusal(relu(['batch', 4]), {})).toContain('input "x" has open dimensions: [batch, 4].');
    expect(await refusal(relu(null), {})).toContain('input "x" declares no rank.');
    expect(await refusal(relu([2, 4]), {})).toBe('accepted');
  });

  it('must fit what the model declares', async () => {
    expect(await refusal(relu(['batch', 4]), { x: [2, 5] })).toContain(
      'declared as [batch, 4], which [2,5] does not fit',
    );
    expect(await refusal(relu(['batch', 4]), { x: [2] })).toContain('does not fit');
    expect(await refusal(relu(['batch', 4]), { x: [0, 4] })).toContain('does not fit');
    expect(await refusal(relu(null), { x: [2, 3, 4] })).toBe('accepted');
  });

  it('are given by names that the model has', async () => {
    expect(await refusal(relu([2]), { pixels: [2] })).toContain('the model has no input "pixels"; it has x.');
  });

  it('are blamed, with the node, when the graph cannot be run with them', async () => {
    const model = smallModel({
      nodes: [node('MatMul', ['x', 'w'], ['y'])],
      inputs: [input('x', null)],
      outputs: ['y'],
      initializers: { w: float32([4, 2], new Float32Array(8)) },
    });
    expect(await refusal(model, { x: [2, 5] })).toContain(
      'MatMul "MatMul of y" cannot be run with these input dimensions',
    );
  });

  it('may be chosen only for outputs that exist', async () => {
    await expect(specialise(relu([2]), {}, { outputs: ['z'] })).rejects.toThrow(
      'the model has no output "z"; it has y.',
    );
  });
});
