import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../src/foundation/core/random.ts';
import type { Model } from '../../../src/foundation/onnx/graph/graph.ts';
import { float32, type Tensor } from '../../../src/foundation/onnx/graph/tensor.ts';
import { writeModel } from '../../../src/foundation/onnx/model-file/write-model.ts';
import { evaluate } from '../../../src/foundation/onnx/session/open-session.ts';
import { chainModels } from '../../../src/learning/training/graphs/chain-models.ts';
import { ModelDraft } from '../../../src/learning/training/graphs/model-draft.ts';
import { type AdapterKind, adapterModel } from '../../../src/learning/training/trainables/adapter.ts';
import { gaussian } from '../../../src/learning/training/trainables/gaussian.ts';
import { addLora, mergeLora } from '../../../src/learning/training/trainables/lora.ts';

const DIMENSIONS = 6;
const options = { dimensions: DIMENSIONS, width: 3, seed: 5, name: 'query' };
const random = createRandom(1);
const randomTensor = (dims: readonly number[]): Tensor =>
  float32(
    dims,
    gaussian(
      dims.reduce((product, size) => product * size, 1),
      1,
      random,
    ),
  );

/** The model with other weights. */
const withValues = (model: Model, values: ReadonlyMap<string, Tensor>): Model => ({
  ...model,
  graph: { ...model.graph, initializers: new Map([...model.graph.initializers, ...values]) },
});
const anyValues = (parameters: ReadonlyMap<string, Tensor>): ReadonlyMap<string, Tensor> =>
  new Map([...parameters].map(([name, { dims }]) => [name, randomTensor(dims)]));

async function apply(model: Model, input: string, value: Tensor): Promise<Float32Array> {
  const results = await evaluate(writeModel(model), { [input]: value });
  return results[model.graph.outputs[0]?.name ?? '']?.data as Float32Array;
}

const difference = (left: Float32Array, right: Float32Array): number =>
  left.reduce((most, value, at) => Math.max(most, Math.abs(value - (right[at] as number))), 0);

describe('an adapter', () => {
  const kinds: AdapterKind[] = ['linear', 'low-rank', 'mlp'];

  it.each(kinds)('of kind %s begins as the identity on vectors of length 1', async (kind) => {
    const { model } = adapterModel({ ...options, kind });
    const vectors = randomTensor([4, DIMENSIONS]);
    const given = await apply(model, 'vectors', vectors);
    for (let row = 0; row < 4; row++) {
      const from = (vectors.data as Float32Array).slice(row * DIMENSIONS, (row + 1) * DIMENSIONS);
      const length = Math.hypot(...from);
      expect(
        difference(
          given.slice(row * DIMENSIONS, (row + 1) * DIMENSIONS),
          from.map((v) => v / length),
        ),
      ).toBeLessThan(1e-6);
    }
  });

  it.each(kinds)('of kind %s gives the same folded into an encoder and behind it', async (kind) => {
    const adapter = adapterModel({ ...options, kind });
    const trained = withValues(adapter.model, anyValues(adapter.parameters));
    const encoder = smallEncoder();
    const input = randomTensor([4, 5]);
    const vectors = await apply(encoder, 'x', input);
    const behind = await apply(trained, 'vectors', float32([4, DIMENSIONS], vectors));
    const folded = await apply(chainModels(encoder, 'y', trained), 'x', input);
    expect(folded).toEqual(behind);
    expect(difference(folded, vectors)).toBeGreaterThan(0.01);
  });
});

/** x [batch, 5] → MatMul → Relu → Gemm with a transposed matrix → y [batch, 6]. */
function smallEncoder(): Model {
  const draft = new ModelDraft('small/');
  const hidden = draft.node('Relu', [draft.node('MatMul', ['x', draft.weight('first', randomTensor([5, 7]))])]);
  const last = draft.node(
    'Gemm',
    [hidden, draft.weight('second', randomTensor([6, 7])), draft.weight('bias', randomTensor([6]))],
    { transB: { kind: 'int', value: 1 } },
  );
  draft.name(last, 'y');
  return draft.build({
    inputs: [{ name: 'x', type: 'float32', shape: ['batch', 5] }],
    outputs: [{ name: 'y', type: 'float32', shape: ['batch', DIMENSIONS] }],
  });
}

describe('LoRA', () => {
  const matrices = new Set(['first', 'second', 'bias']);
  const settings = { rank: 2, seed: 3 };

  it('begins at the given model, bit by bit', async () => {
    const encoder = smallEncoder();
    const input = randomTensor([3, 5]);
    const { model } = addLora(encoder, matrices, settings);
    expect(await apply(model, 'x', input)).toEqual(await apply(encoder, 'x', input));
  });

  it('merged equals beside, for matrices and for transposed ones', async () => {
    const encoder = smallEncoder();
    const input = randomTensor([3, 5]);
    const { model, parameters } = addLora(encoder, matrices, settings);
    expect([...parameters.keys()]).toEqual(['lora.first.a', 'lora.first.b', 'lora.second.a', 'lora.second.b']);
    const values = anyValues(parameters);
    const beside = await apply(withValues(model, values), 'x', input);
    const merged = await apply(mergeLora(encoder, values, settings), 'x', input);
    const largest = Math.max(...beside.map(Math.abs));
    expect(difference(merged, beside) / largest).toBeLessThan(1e-6);
    expect(difference(merged, await apply(encoder, 'x', input))).toBeGreaterThan(0.1);
  });

  it('says so when there is no matrix to put it beside', () => {
    expect(() => addLora(smallEncoder(), new Set(['bias']), settings)).toThrow(
      'no matrix that LoRA could be put beside',
    );
  });
});
