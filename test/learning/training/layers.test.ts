import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { float32 } from '../../../src/foundation/onnx/graph/tensor.ts';
import { ModelDraft } from '../../../src/learning/training/graphs/model-draft.ts';
import { loadEncoder } from '../../../src/learning/training/sources/load-encoder.ts';
import { lastLayers, layersOf } from '../../../src/learning/training/trainables/layers.ts';
import { trainableParameters } from '../../../src/learning/training/trainables/parameters.ts';
import { describeWithShared } from '../../support/shared.ts';
import { imageFolder, starterFolder } from './support/models.ts';

async function layersIn(folder: string) {
  const { model } = await loadEncoder(folder);
  const found = layersOf(model, new Set(trainableParameters(model).keys()));
  const counts = new Map<number, number>();
  for (const { layer } of found.parameters) counts.set(layer, (counts.get(layer) ?? 0) + 1);
  return { ...found, counts: [...counts].sort(([left], [right]) => left - right) };
}

describe('layers of a model', () => {
  it('are told by the names of weights and nodes: the starter has three', async () => {
    const found = await layersIn(starterFolder);
    expect(found.layers).toBe(3);
    // Table, its projection and bias, token types, positions, norm; then 6 matrices, 6 biases and 2 norms a layer.
    expect(found.counts).toEqual([
      [-1, 7],
      [0, 16],
      [1, 16],
      [2, 16],
    ]);
    const last = lastLayers(found, 1);
    expect(last).toHaveLength(16);
    expect(last.every((name) => name.includes('layer.2') || name.startsWith('onnx::MatMul'))).toBe(true);
  });

  it('are the blocks of a convolutional network, with its head above them', async () => {
    const found = await layersIn(imageFolder);
    expect(found.layers).toBe(16);
    expect(lastLayers(found, 1)).toEqual([
      ...['e_w', 'e_b', 'd_w', 'd_b', 'p_w', 'p_b'].map((stem) => `b15_${stem}`),
      ...['head_w', 'head_b', 'fc_w', 'fc_b', 'class_texts'],
    ]);
  });

  it('are a sequence of shapes that repeats itself where nothing has a name that tells', () => {
    const draft = new ModelDraft('x/');
    const shapes = [
      [50, 4],
      [4, 4],
      [4, 4],
      [4, 4],
      [4, 8],
      [8, 4],
      [4, 4],
      [4, 4],
      [4, 4],
      [4, 8],
      [8, 4],
      [4, 2],
    ];
    let value = 'input';
    shapes.forEach((dims, at) => {
      const weight = draft.weight(`w${at}`, float32(dims, new Float32Array(dims.reduce((a, b) => a * b, 1)).fill(1)));
      value = draft.node('MatMul', [value, weight]);
    });
    const model = draft.build({ inputs: [], outputs: [{ name: value, type: 'float32', shape: null }] });
    const found = layersOf(model, new Set(trainableParameters(model).keys()));
    expect(found.layers).toBe(2);
    expect(lastLayers(found, 1)).toEqual(['w6', 'w7', 'w8', 'w9', 'w10', 'w11']);
    expect(found.parameters[0]).toEqual({ name: 'w0', layer: -1 });
  });

  it('that are not recognised, or too few, are an error that says what to do', async () => {
    const draft = new ModelDraft('x/');
    draft.name(draft.node('MatMul', ['input', draft.weight('only', float32([2, 2], [1, 2, 3, 4]))]), 'y');
    const model = draft.build({ inputs: [], outputs: [{ name: 'y', type: 'float32', shape: null }] });
    expect(() => lastLayers(layersOf(model, new Set(['only'])), 1)).toThrow('cannot be told from the names and shapes');
    const starter = await layersIn(starterFolder);
    expect(() => lastLayers(starter, 4)).toThrow('the model has 3');
  });
});

describeWithShared('layers of other exports', (folder) => {
  it.each(['minilm', 'minilm-int8'])('%s has six of 16 weights each, and five weights below them', async (name) => {
    const found = await layersIn(join(folder, 'models', name));
    expect(found.counts).toEqual([[-1, 5], ...[0, 1, 2, 3, 4, 5].map((layer) => [layer, 16])]);
  });
});
