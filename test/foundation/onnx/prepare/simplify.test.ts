import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Model, Node } from '../../../../src/foundation/onnx/graph/graph.ts';
import { floatToHalf } from '../../../../src/foundation/onnx/graph/half-floats.ts';
import { float32, int64, type Tensor } from '../../../../src/foundation/onnx/graph/tensor.ts';
import { writeModel } from '../../../../src/foundation/onnx/model-file/write-model.ts';
import { foldConstants } from '../../../../src/foundation/onnx/prepare/fold-constants.ts';
import { specialise } from '../../../../src/foundation/onnx/prepare/specialise.ts';
import { evaluate } from '../../../../src/foundation/onnx/session/open-session.ts';
import { feedsFor, largestDifference } from '../support/feeds.ts';
import { input, int, ints, node, smallModel } from '../support/small-model.ts';

const x = input('x', ['batch', 6]);
const dims = { x: [4, 6] };
const opsOf = (graph: { readonly nodes: readonly Node[] }): string[] => graph.nodes.map((each) => each.op);

async function specialised(model: Model): Promise<string[]> {
  const graph = await specialise(model, dims);
  const feeds = feedsFor(model.graph.inputs, dims);
  expect(largestDifference(await evaluate(writeModel(model), feeds), await evaluate(graph, feeds))).toBe(0);
  return opsOf(graph);
}

describe('a model made for one shape', () => {
  it('has no shape arithmetic left', async () => {
    const model = smallModel({
      nodes: [
        node('Shape', ['x'], ['shape']),
        node('Gather', ['shape', 'zero'], ['batch']),
        node('Unsqueeze', ['batch', 'axis'], ['batches']),
        node('Concat', ['batches', 'two', 'three'], ['target'], { axis: int(0) }),
        node('Reshape', ['x', 'target'], ['cut']),
        node('Transpose', ['cut'], ['y'], { perm: ints(0, 2, 1) }),
      ],
      inputs: [x],
      outputs: ['y'],
      initializers: { zero: { ...int64([0]), dims: [] }, axis: int64([0]), two: int64([2]), three: int64([3]) },
    });
    expect(await specialised(model)).toEqual(['Reshape', 'Transpose']);
  });

  it('has no nodes left that give back what they are given', async () => {
    const model = smallModel({
      nodes: [
        node('Identity', ['x'], ['a']),
        node('Dropout', ['a'], ['b']),
        node('Cast', ['b'], ['c'], { to: int(1) }),
        node('Reshape', ['c', 'same'], ['d']),
        node('Transpose', ['d'], ['e'], { perm: ints(0, 1) }),
        node('Relu', ['e'], ['y']),
      ],
      inputs: [x],
      outputs: ['y'],
      initializers: { same: int64([0, 6]) },
    });
    expect(await specialised(model)).toEqual(['Relu']);
  });

  it('computes equal expressions once, and keeps the names of outputs', async () => {
    const model = smallModel({
      nodes: [
        node('Exp', ['x'], ['a']),
        node('Exp', ['x'], ['b']),
        node('Add', ['a', 'b'], ['y']),
        node('Add', ['a', 'b'], ['z']),
      ],
      inputs: [x],
      outputs: ['y', 'z'],
    });
    expect(await specialised(model)).toEqual(['Exp', 'Add', 'Add']);
  });

  it('keeps the places where gradients stop', async () => {
    const stop = { ...node('Identity', ['x'], ['stopped']), name: 'tower/StopGradient_0' };
    const model = smallModel({
      nodes: [node('Identity', ['x'], ['same']), stop, node('Mul', ['same', 'stopped'], ['y'])],
      inputs: [x],
      outputs: ['y'],
    });
    expect(await specialised(model)).toEqual(['Identity', 'Mul']);
  });

  it('takes the branch that its shape decides', async () => {
    const branch = (op: string, name: string) => ({
      kind: 'graph' as const,
      value: smallModel({ nodes: [node(op, ['x'], [name])], outputs: [name] }).graph,
    });
    const model = smallModel({
      nodes: [
        node('Size', ['x'], ['size']),
        node('Equal', ['size', 'expected'], ['isExpected']),
        node('If', ['isExpected'], ['chosen'], { then_branch: branch('Neg', 'yes'), else_branch: branch('Exp', 'no') }),
        node('Abs', ['chosen'], ['y']),
      ],
      inputs: [x],
      outputs: ['y'],
      initializers: { expected: { ...int64([24]), dims: [] } },
    });
    expect(await specialised(model)).toEqual(['Neg', 'Abs']);
  });

  it('sorts nodes that stand in another order than they run', async () => {
    const nodes = [node('Neg', ['a'], ['y']), node('Exp', ['x'], ['a'])];
    expect(opsOf(await specialise(smallModel({ nodes, inputs: [x], outputs: ['y'] }), dims))).toEqual(['Exp', 'Neg']);
  });

  it('computes in fp32 when it was exported to compute in fp16', async () => {
    const half = (values: number[]): Tensor => ({
      type: 'float16',
      dims: [values.length],
      data: Uint16Array.from(values, floatToHalf),
    });
    const model = smallModel({
      nodes: [node('Mul', ['x', 'w'], ['a']), node('Cast', ['a'], ['b'], { to: int(10) }), node('Tanh', ['b'], ['y'])],
      inputs: [input('x', ['batch', 6], 'float16')],
      outputs: ['y'],
      outputType: 'float16',
      initializers: { w: half([1, 2, 3, 4, 5, 6]) },
    });
    const graph = await specialise(model, dims);
    expect([...graph.values.values()].every((value) => value.type === 'float32')).toBe(true);
    expect(opsOf(graph)).toEqual(['Mul', 'Tanh']);
  });
});

describe('folding of constants', () => {
  it('gives what onnxruntime computes, for expressions of any form', async () => {
    const binary = fc.constantFrom('Add', 'Sub', 'Mul', 'Max');
    const steps = fc.array(fc.tuple(binary, fc.nat(), fc.nat()), { minLength: 1, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(steps, fc.float({ noNaN: true, min: -2, max: 2 }), async (chosen, first) => {
        const names = ['x', 'a', 'b'];
        const nodes = chosen.map(([op, left, right], index) => {
          const made = node(op, [names[left % names.length]!, names[right % names.length]!], [`v${index}`]);
          names.push(`v${index}`);
          return made;
        });
        const model = smallModel({
          nodes,
          inputs: [input('x', [2])],
          outputs: [names.at(-1)!],
          initializers: { a: float32([2], [first, 0.3]), b: float32([], [1.7]) },
        });
        const folded = await foldConstants(model);
        const dependent = new Set(['x']);
        for (const each of folded.graph.nodes) {
          expect(each.inputs.some((name) => dependent.has(name))).toBe(true);
          for (const name of each.outputs) dependent.add(name);
        }
        const feeds = { x: float32([2], [0.7, -1.3]) };
        const expected = await evaluate(writeModel(model), feeds);
        expect(largestDifference(expected, await evaluate(writeModel(folded), feeds))).toBe(0);
      }),
      { numRuns: 40 },
    );
  });
});
