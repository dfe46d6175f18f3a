import { describe, expect, it } from 'vitest';
import type { Model, Node } from '../../../../src/foundation/onnx/graph/graph.ts';
import { float32, type Tensor } from '../../../../src/foundation/onnx/graph/tensor.ts';
import { writeModel } from '../../../../src/foundation/onnx/model-file/write-model.ts';
import { specialise } from '../../../../src/foundation/onnx/prepare/specialise.ts';
import { evaluate } from '../../../../src/foundation/onnx/session/open-session.ts';
import { feedsFor, largestDifference } from '../support/feeds.ts';
import { input, ints, node, smallModel } from '../support/small-model.ts';

const dims = { x: [2, 3, 8] };
const numbers: Record<string, Tensor> = {
  half: float32([], [0.5]),
  one: float32([], [1]),
  two: float32([], [2]),
  root: float32([], [Math.SQRT2]),
  rootHalf: float32([1], [Math.SQRT1_2]),
  epsilon: float32([], [1e-5]),
  weight: float32(
    [8],
    Float32Array.from({ length: 8 }, (_, index) => index / 4),
  ),
  bias: float32(
    [8],
    Float32Array.from({ length: 8 }, (_, index) => 1 - index),
  ),
};

const modelOf = (nodes: readonly Node[]): Model =>
  smallModel({ nodes, inputs: [input('x', [2, 3, 8])], outputs: ['y'], initializers: numbers });

/** The operators that are left, and how far the outputs are from the original's. */
async function specialised(nodes: readonly Node[]): Promise<string[]> {
  const model = modelOf(nodes);
  const graph = await specialise(model, dims);
  const feeds = feedsFor(model.graph.inputs, dims);
  expect(largestDifference(await evaluate(writeModel(model), feeds), await evaluate(graph, feeds))).toBeLessThan(1e-6);
  return graph.nodes.map((each) => each.op);
}

const erf = [
  node('Div', ['x', 'root'], ['scaled']),
  node('Erf', ['scaled'], ['erf']),
  node('Add', ['erf', 'one'], ['sum']),
];

describe('x·½·(1 + erf(x/√2))', () => {
  it('becomes Gelu, in whatever order it is multiplied', async () => {
    const orders: Node[][] = [
      [node('Mul', ['x', 'sum'], ['m']), node('Mul', ['m', 'half'], ['y'])],
      [node('Mul', ['half', 'x'], ['m']), node('Mul', ['m', 'sum'], ['y'])],
      [node('Mul', ['half', 'sum'], ['m']), node('Mul', ['x', 'm'], ['y'])],
    ];
    for (const order of orders) expect(await specialised([...erf, ...order])).toEqual(['Gelu']);
  });

  it('becomes Gelu when x is multiplied by 1/√2', async () => {
    const nodes = [
      node('Mul', ['x', 'rootHalf'], ['scaled']),
      ...erf.slice(1),
      node('Mul', ['x', 'sum'], ['m']),
      node('Mul', ['m', 'half'], ['y']),
    ];
    expect(await specialised(nodes)).toEqual(['Gelu']);
  });

  it('stays as it is when a number is another', async () => {
    const nodes = [...erf, node('Mul', ['x', 'sum'], ['m']), node('Mul', ['m', 'two'], ['y'])];
    expect(await specialised(nodes)).toContain('Erf');
    const shifted = [
      ...erf.slice(0, 2),
      node('Add', ['erf', 'two'], ['sum']),
      node('Mul', ['x', 'sum'], ['m']),
      node('Mul', ['m', 'half'], ['y']),
    ];
    expect(await specialised(shifted)).toContain('Erf');
  });

  it('stays beside Gelu when a part of it is read elsewhere', async () => {
    const nodes = [
      ...erf,
      node('Mul', ['x', 'sum'], ['m']),
      node('Mul', ['m', 'half'], ['gelu']),
      node('Add', ['gelu', 'erf'], ['y']),
    ];
    expect((await specialised(nodes)).sort()).toEqual(['Add', 'Div', 'Erf', 'Gelu']);
  });
});

const normalised = (square: Node, axes = ints(-1)): Node[] => [
  node('ReduceMean', ['x'], ['mean'], { axes }),
  node('Sub', ['x', 'mean'], ['centred']),
  square,
  node('ReduceMean', ['square'], ['variance'], { axes }),
  node('Add', ['variance', 'epsilon'], ['shifted']),
  node('Sqrt', ['shifted'], ['deviation']),
  node('Div', ['centred', 'deviation'], ['normal']),
];
const power = node('Pow', ['centred', 'two'], ['square']);
const product = node('Mul', ['centred', 'centred'], ['square']);

describe('a layer normalisation in single operators', () => {
  it('becomes LayerNormalization', async () => {
    for (const square of [power, product]) {
      const nodes = [
        ...normalised(square),
        node('Mul', ['normal', 'weight'], ['m']),
        node('Add', ['m', 'bias'], ['y']),
      ];
      expect(await specialised(nodes)).toEqual(['LayerNormalization']);
    }
  });

  it('becomes LayerNormalization without a bias', async () => {
    expect(await specialised([...normalised(power), node('Mul', ['weight', 'normal'], ['y'])])).toEqual([
      'LayerNormalization',
    ]);
  });

  it('stays as it is over other axes, or with a weight of other dimensions', async () => {
    expect(await specialised([...normalised(power, ints(1)), node('Mul', ['normal', 'weight'], ['y'])])).toContain(
      'Sqrt',
    );
    expect(await specialised([...normalised(power), node('Mul', ['normal', 'two'], ['y'])])).toContain('Sqrt');
  });
});
