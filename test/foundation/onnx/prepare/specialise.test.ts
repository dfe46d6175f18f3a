import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { MINIMUM_STATIC_OPSET, type StaticGraph } from '../../../../src/foundation/onnx/graph/static-graph.ts';
import { float32, int64, sameDims } from '../../../../src/foundation/onnx/graph/tensor.ts';
import { readModel } from '../../../../src/foundation/onnx/model-file/read-model.ts';
import { foldSmallWeights } from '../../../../src/foundation/onnx/prepare/fold-small-weights.ts';
import { specialise } from '../../../../src/foundation/onnx/prepare/specialise.ts';
import { evaluate } from '../../../../src/foundation/onnx/session/open-session.ts';
import { describeWithShared } from '../../../support/shared.ts';
import { feedsFor, largestDifference, largestValue } from '../support/feeds.ts';
import { input, node, smallModel } from '../support/small-model.ts';

const own = fileURLToPath(new URL('../../../../models', import.meta.url));

const dimsOf = (name: string): Record<string, number[]> =>
  name === 'starter-image'
    ? { pixel_values: [2, 3, 224, 224] }
    : Object.fromEntries(['input_ids', 'attention_mask', 'token_type_ids'].map((input) => [input, [3, 17]]));

async function givesTheSame(file: string, name: string): Promise<StaticGraph> {
  const model = foldSmallWeights(await readModel(file));
  const feeds = feedsFor(model.graph.inputs, dimsOf(name));
  const dims = Object.fromEntries(model.graph.inputs.map((input) => [input.name, dimsOf(name)[input.name] ?? []]));
  const graph = await specialise(model, dims);
  // The runtime folds the original's small weights in the same way when they are constants to it.
  const expected = await evaluate(new Uint8Array(await readFile(file)), feeds, { optimization: 'basic' });
  const found = await evaluate(graph, feeds, { optimization: 'basic' });
  expect(largestDifference(expected, found) / Math.max(1, largestValue(expected))).toBeLessThan(1e-6);
  return graph;
}

function everyValueIsKnown(graph: StaticGraph): void {
  const known = new Set([...graph.constants.keys(), ...graph.inputs.map((input) => input.name), '']);
  for (const node of graph.nodes) {
    for (const name of node.inputs) expect(known.has(name), `${name} before it is read`).toBe(true);
    for (const name of node.outputs) known.add(name);
  }
  expect(new Set([...graph.values.keys(), ''])).toEqual(known);
  for (const value of graph.values.values()) expect(value.dims.every((size) => Number.isInteger(size))).toBe(true);
  expect(graph.opset).toBeGreaterThanOrEqual(MINIMUM_STATIC_OPSET);
  const shapeArithmetic = ['Shape', 'Size', 'Constant', 'ConstantOfShape', 'Range', 'Identity', 'Dropout'];
  expect(graph.nodes.filter((node) => shapeArithmetic.includes(node.op))).toEqual([]);
}

describe('a model made for one shape', () => {
  it.each(['starter', 'starter-image'])('gives the same outputs, and every value is known: %s', async (name) => {
    everyValueIsKnown(await givesTheSame(path.join(own, name, 'encoder.onnx'), name));
  });

  it('is accepted in every operator set from 13 to the newest', async () => {
    for (let opset = 13; opset <= 26; opset++) {
      const nodes = [node('Softmax', ['x'], ['a']), node('ReduceSum', ['a', 'axes'], ['y'])];
      const model = smallModel({
        nodes,
        inputs: [input('x', ['b', 4])],
        outputs: ['y'],
        opset,
        initializers: { axes: int64([1]) },
      });
      const graph = await specialise(model, { x: [2, 4] });
      expect(graph.opset).toBe(Math.max(20, opset));
      expect(Object.values(await evaluate(graph, feedsFor(graph.inputs, { x: [2, 4] })))[0]?.dims).toEqual([2, 1]);
    }
  });

  it('has the dimensions that onnxruntime computes', async () => {
    const model = foldSmallWeights(await readModel(path.join(own, 'starter', 'encoder.onnx')));
    const dims = dimsOf('starter');
    const graph = await specialise(model, {
      input_ids: dims.input_ids ?? [],
      attention_mask: dims.attention_mask ?? [],
    });
    const all = {
      ...graph,
      outputs: graph.nodes.flatMap((node) => node.outputs).map((each) => graph.values.get(each)!),
    };
    const found = await evaluate(all, feedsFor(graph.inputs, dims));
    for (const value of all.outputs) {
      const tensor = found[value.name];
      expect(tensor?.type, value.name).toBe(value.type);
      expect(sameDims(tensor?.dims ?? [], value.dims), value.name).toBe(true);
    }
  });

  it('has no inputs left that are weights, as older files declare them', async () => {
    const model = smallModel({
      nodes: [node('Mul', ['x', 'w'], ['y'])],
      inputs: [input('x', ['b']), input('w', [1])],
      outputs: ['y'],
      initializers: { w: float32([1], [3]) },
    });
    const graph = await specialise(model, { x: [2] });
    expect(graph.inputs.map((each) => each.name)).toEqual(['x']);
    expect(graph.constants.get('w')?.data).toEqual(Float32Array.of(3));
  });

  it('computes a chosen output alone', async () => {
    const model = foldSmallWeights(await readModel(path.join(own, 'starter-image', 'encoder.onnx')));
    const graph = await specialise(model, dimsOf('starter-image'), { outputs: ['features'] });
    expect(graph.outputs.map((output) => output.name)).toEqual(['features']);
    expect(graph.nodes.some((node) => node.op === 'Softmax')).toBe(false);
  });

  it('keeps the weights that will be trained, though only constants are computed from them', async () => {
    const model = foldSmallWeights(await readModel(path.join(own, 'starter', 'encoder.onnx')));
    const dims = { input_ids: [2, 8], attention_mask: [2, 8] };
    const positions = 's.m.embeddings.position_embeddings.weight';
    expect((await specialise(model, dims)).constants.has(positions)).toBe(false);
    const kept = await specialise(model, dims, { keep: new Set([positions]) });
    expect(kept.constants.get(positions)).toBe(model.graph.initializers.get(positions));
    const feeds = feedsFor(kept.inputs, dims);
    const difference = largestDifference(
      await evaluate(kept, feeds),
      await evaluate(await specialise(model, dims), feeds),
    );
    expect(difference).toBe(0);
  });
});

describeWithShared('a reference model made for one shape', (shared) => {
  it.each([
    'starter',
    'starter-image',
    'minilm',
    'minilm-int8',
  ])('gives the same outputs, and every value is known: %s', async (name) => {
    everyValueIsKnown(await givesTheSame(path.join(shared, 'models', name, 'encoder.onnx'), name));
  });

  it('folds an input that always has one value', async () => {
    const model = await readModel(path.join(shared, 'models', 'minilm', 'encoder.onnx'));
    const dims = { input_ids: [2, 5], attention_mask: [2, 5] };
    const zeros = { ...int64(Array.from({ length: 10 }, () => 0)), dims: [2, 5] };
    const graph = await specialise(model, dims, { fixed: { token_type_ids: zeros } });
    expect(graph.inputs.map((input) => input.name)).toEqual(['input_ids', 'attention_mask']);
    const feeds = feedsFor(graph.inputs, dims);
    const whole = await specialise(model, { ...dims, token_type_ids: [2, 5] });
    const expected = await evaluate(whole, { ...feeds, token_type_ids: zeros });
    expect(largestDifference(expected, await evaluate(graph, feeds))).toBeLessThan(1e-5);
  });
});
