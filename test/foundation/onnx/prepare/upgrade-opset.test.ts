import { describe, expect, it } from 'vitest';
import type { Attribute, Model } from '../../../../src/foundation/onnx/graph/graph.ts';
import { float32, type Tensor } from '../../../../src/foundation/onnx/graph/tensor.ts';
import { writeModel } from '../../../../src/foundation/onnx/model-file/write-model.ts';
import { upgradeOpset } from '../../../../src/foundation/onnx/prepare/upgrade-opset.ts';
import { evaluate } from '../../../../src/foundation/onnx/session/open-session.ts';
import { feedsFor, largestDifference } from '../support/feeds.ts';
import { input, int, ints, node, smallModel, text } from '../support/small-model.ts';

const REDUCTIONS = ['Max', 'Min', 'Mean', 'Prod', 'L1', 'L2', 'LogSumExp', 'SumSquare', 'LogSum'].map(
  (kind) => `Reduce${kind}`,
);

async function givesTheSame(model: Model, dims: Record<string, number[]>): Promise<Model> {
  const upgraded = upgradeOpset(model);
  expect(upgraded.opsets.get('')).toBe(20);
  const feeds = feedsFor(model.graph.inputs, dims);
  const positive = Object.fromEntries(
    Object.entries(feeds).map(([name, { dims: shape, data }]): [string, Tensor] => [
      name,
      float32(
        shape,
        (data as Float32Array).map((value) => Math.abs(value)),
      ),
    ]),
  );
  const expected = await evaluate(writeModel(model), positive);
  expect(largestDifference(expected, await evaluate(writeModel(upgraded), positive))).toBe(0);
  return upgraded;
}

describe('a model of an earlier operator set', () => {
  it.each(REDUCTIONS)('gives the same when axes become an input: %s', async (op) => {
    const attributes: Array<Record<string, Attribute>> = [
      { axes: ints(1), keepdims: int(0) },
      { axes: ints(-1, 0), keepdims: int(1) },
      {},
    ];
    for (const opset of [13, 17]) {
      for (const [index, chosen] of attributes.entries()) {
        const nodes = [node(op, ['x'], ['y'], chosen)];
        const upgraded = await givesTheSame(
          smallModel({ nodes, inputs: [input('x', [2, 3, 4])], outputs: ['y'], opset }),
          { x: [2, 3, 4] },
        );
        const [reduction] = upgraded.graph.nodes;
        expect(reduction?.attributes.axes).toBeUndefined();
        expect(reduction?.inputs.length).toBe(index === 2 ? 1 : 2);
      }
    }
  });

  it('gives the same for parts of equal size', async () => {
    const nodes = [node('Split', ['x'], ['a', 'b', 'c'], { axis: int(1) })];
    await givesTheSame(smallModel({ nodes, inputs: [input('x', [2, 6])], outputs: ['a', 'b', 'c'], opset: 13 }), {
      x: [2, 6],
    });
  });

  it.each(['bilinear', 'nearest', 'bicubic'])('gives the same for samples on a grid: %s', async (mode) => {
    const nodes = [node('GridSample', ['x', 'grid'], ['y'], { mode: text(mode) })];
    const inputs = [input('x', [1, 2, 4, 4]), input('grid', [1, 3, 3, 2])];
    await givesTheSame(smallModel({ nodes, inputs, outputs: ['y'], opset: 16 }), {
      x: [1, 2, 4, 4],
      grid: [1, 3, 3, 2],
    });
  });

  it('names added constants so that none is overwritten', () => {
    const nodes = [node('ReduceMean', ['x'], ['y'], { axes: ints(0) })];
    const initializers = { y_axes: float32([], [5]) };
    const { graph } = upgradeOpset(smallModel({ nodes, inputs: [input('x', [2])], outputs: ['y'], initializers }));
    expect(graph.nodes[0]?.inputs).toEqual(['x', 'y_axes_2']);
    expect(graph.initializers.get('y_axes')).toBe(initializers.y_axes);
  });

  it('is left as it is when it is new enough', () => {
    const model = smallModel({
      nodes: [node('Relu', ['x'], ['y'])],
      inputs: [input('x', [2])],
      outputs: ['y'],
      opset: 21,
    });
    expect(upgradeOpset(model)).toBe(model);
  });

  it('is refused, naming the node, where there is no later form', () => {
    const training = smallModel({
      nodes: [node('BatchNormalization', ['x', 's', 'b', 'm', 'v'], ['y', 'mean', 'var'])],
      inputs: [input('x', [2, 3])],
      outputs: ['y'],
      opset: 13,
    });
    expect(() => upgradeOpset(training)).toThrow(
      'BatchNormalization "BatchNormalization of y" of operator set 13 cannot be written',
    );
  });
});
