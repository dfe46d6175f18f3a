import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../src/foundation/core/random.ts';
import type { Model } from '../../../src/foundation/onnx/graph/graph.ts';
import { float32 } from '../../../src/foundation/onnx/graph/tensor.ts';
import { writeModel } from '../../../src/foundation/onnx/model-file/write-model.ts';
import { evaluate } from '../../../src/foundation/onnx/session/open-session.ts';
import { tokenFeeds } from '../../../src/learning/training/batches/token-feeds.ts';
import { loadEncoder } from '../../../src/learning/training/sources/load-encoder.ts';
import { factoriseTable } from '../../../src/learning/training/students/factorise-table.ts';
import { keepLayers } from '../../../src/learning/training/students/keep-layers.ts';
import { principalAxes } from '../../../src/learning/training/students/principal-axes.ts';
import { withWeights } from '../../../src/learning/training/trainables/encoder-trainee.ts';
import { gaussian } from '../../../src/learning/training/trainables/gaussian.ts';
import { layersOf } from '../../../src/learning/training/trainables/layers.ts';
import { trainableParameters } from '../../../src/learning/training/trainables/parameters.ts';
import { starterFolder } from './support/models.ts';

const { model: starter } = await loadEncoder(starterFolder);
const rows = [
  [101, 2417, 6007, 102],
  [101, 3712, 102],
];

async function tokensOf(model: Model): Promise<Float32Array> {
  const results = await evaluate(writeModel(model), tokenFeeds(model.graph.inputs, { rows, padId: 0 }, 8));
  return results.last_hidden_state?.data as Float32Array;
}
const difference = (left: Float32Array, right: Float32Array): number =>
  left.reduce((most, value, at) => Math.max(most, Math.abs(value - (right[at] as number))), 0);

describe('a shallower student', () => {
  it('reads, after a gap, what the kept layer before it gives', async () => {
    // The middle layer made to hand its input through is a model without it.
    const names = layersOf(starter, new Set(trainableParameters(starter).keys())).parameters;
    const weights = trainableParameters(starter);
    const shallow = keepLayers(starter, [0, 2]);
    const left = new Set(shallow.graph.initializers.keys());
    const gone = names.filter(({ name }) => !left.has(name));
    expect(gone.every(({ layer }) => layer === 1)).toBe(true);
    expect(gone).toHaveLength(16);
    // With its matrices and biases zero, a layer is its two norms over its input: the same norms are put on both sides.
    const silent = new Map(
      names
        .filter(({ layer }) => layer === 1)
        .map(({ name }) => {
          const { dims, data } = weights.get(name)!;
          return [name, float32(dims, new Float32Array(data.length).fill(/LayerNorm.weight/.test(name) ? 1 : 0))];
        }),
    );
    const withSilent = await tokensOf(withWeights(starter, silent));
    const before = await tokensOf(shallow);
    // A norm of a normed vector changes its scale alone, which the next layer's own norm largely takes back.
    expect(cosine(withSilent, before)).toBeGreaterThan(0.9);
    expect(cosine(await tokensOf(starter), before)).toBeLessThan(cosine(withSilent, before));
  });

  it('with all layers kept is the model itself, and keeps what is not there with an error', async () => {
    expect(await tokensOf(keepLayers(starter, [0, 1, 2]))).toEqual(await tokensOf(starter));
    expect(() => keepLayers(starter, [0, 3])).toThrow('its layers are 0 to 2');
    expect(() => keepLayers(starter, [1, 2])).toThrow('layer 0 must stay');
  });

  it('ends with an earlier layer under the old name of the output', async () => {
    const model = keepLayers(starter, [0]);
    expect(model.graph.outputs[0]?.name).toBe('last_hidden_state');
    expect(await tokensOf(model)).toHaveLength(2 * 8 * 384);
  });
});

const cosine = (left: Float32Array, right: Float32Array): number => {
  const dot = (a: Float32Array, b: Float32Array): number =>
    a.reduce((sum, value, at) => sum + value * (b[at] as number), 0);
  return dot(left, right) / Math.sqrt(dot(left, left) * dot(right, right));
};

describe('a factorised table', () => {
  it('gives the same vectors when its rank holds all that is in it', async () => {
    const [name, table] = [...trainableParameters(starter)].find(([key]) => key === 's.emb.weight')!;
    // Rows that differ in 20 directions alone.
    const random = createRandom(4);
    const directions = gaussian(20 * 128, 0.2, random);
    const data = new Float32Array(table.data.length);
    for (let row = 0; row < 30_522; row++) {
      const shares = gaussian(20, 1, random);
      for (let i = 0; i < 128; i++) {
        let sum = 0.1;
        for (let k = 0; k < 20; k++) sum += (shares[k] as number) * (directions[k * 128 + i] as number);
        data[row * 128 + i] = sum;
      }
    }
    const poor = withWeights(starter, new Map([[name, float32(table.dims, data)]]));
    const factorised = factoriseTable(poor, 20);
    expect(factorised.graph.initializers.get('s.emb.weight.components')?.dims).toEqual([30_522, 20]);
    expect(difference(await tokensOf(factorised), await tokensOf(poor))).toBeLessThan(1e-4);
  });

  it('refuses a rank that saves nothing', () => {
    expect(() => factoriseTable(starter, 128)).toThrow('from 1 to 127');
  });
});

describe('principal axes', () => {
  it('are the directions of largest variance, orthonormal', () => {
    const random = createRandom(8);
    const data = new Float32Array(500 * 4);
    for (let row = 0; row < 500; row++) {
      const [long, short, tiny] = gaussian(3, 1, random);
      data.set([3 + 5 * long!, 5 * long! + 0.1 * tiny!, 2 * short!, 0], row * 4);
    }
    const { mean, axes } = principalAxes(data, 500, 4, 2);
    expect(Math.abs(mean[0]! - 3)).toBeLessThan(1);
    const square = (axis: number): number => axes.slice(axis * 4, axis * 4 + 4).reduce((sum, v) => sum + v * v, 0);
    expect([square(0), square(1)]).toEqual([expect.closeTo(1, 5), expect.closeTo(1, 5)]);
    // Both lie in the span of (1, 1, 0, 0) and (0, 0, 1, 0).
    for (const axis of [0, 1]) expect(Math.abs(axes[axis * 4]! - axes[axis * 4 + 1]!)).toBeLessThan(0.02);
  });
});
