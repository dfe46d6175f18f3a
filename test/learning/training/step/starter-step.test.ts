import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../../src/foundation/core/random.ts';
import { GraphBuilder } from '../../../../src/foundation/onnx/graph/graph-builder.ts';
import type { Tensor } from '../../../../src/foundation/onnx/graph/tensor.ts';
import { createOptimizer } from '../../../../src/foundation/onnx/optimizers/create-optimizer.ts';
import { ParameterStore } from '../../../../src/foundation/onnx/optimizers/parameter-store.ts';
import { infoNce } from '../../../../src/learning/training/losses/info-nce.ts';
import { poolTokens } from '../../../../src/learning/training/pooling/pool-tokens.ts';
import { firstOutput, loadEncoder, sourceOf } from '../../../../src/learning/training/sources/load-encoder.ts';
import { compileStep } from '../../../../src/learning/training/step/compile-step.ts';
import { TowerGraph } from '../../../../src/learning/training/towers/tower-graph.ts';

const encoder = await loadEncoder(fileURLToPath(new URL('../../../../models/starter', import.meta.url)));
const output = firstOutput(encoder);
const model = poolTokens(encoder.model, sourceOf(encoder, output), output);
const weights = new Map([...model.graph.initializers].filter(([, { type }]) => type === 'float32'));
const TABLE = 's.emb.weight';
const [ROWS, TOKENS, STEPS] = [4, 8, 4];

function batch(seed: number): Record<string, Tensor> {
  const random = createRandom(seed);
  const tensor = (cell: () => number): Tensor => ({
    type: 'int64',
    dims: [ROWS, TOKENS],
    data: BigInt64Array.from({ length: ROWS * TOKENS }, () => BigInt(cell())),
  });
  const side = (name: string) => ({
    [`${name}.input_ids`]: tensor(() => 1000 + random.integer(400)),
    [`${name}.attention_mask`]: tensor(() => 1),
  });
  return { ...side('query'), ...side('item') };
}

async function train(trainable: readonly string[]): Promise<{ losses: number[]; store: ParameterStore }> {
  const tower = new TowerGraph(model, new Set(trainable));
  const builder = new GraphBuilder();
  const dims = { input_ids: [ROWS, TOKENS], attention_mask: [ROWS, TOKENS] };
  const queries = await tower.add(builder, 'query', dims);
  const items = await tower.add(builder, 'item', dims);
  const loss = infoNce(builder, { queries, items, temperature: 0.05 });
  const store = new ParameterStore();
  const step = await compileStep({ builder, loss, store, trainable, threads: 2 });
  const optimizer = createOptimizer(store, { kind: 'adamw', learningRate: 1e-3, weightDecay: 0.01, clipNorm: 1 });
  const losses: number[] = [];
  for (let count = 0; count < STEPS; count++) {
    losses.push((await step.run(batch(1))).loss);
    optimizer.apply(count);
  }
  store.catchUp();
  await step.dispose();
  return { losses, store };
}

const trainable = [...weights].flatMap(([name, { data }]) => (data.length > 1 ? [name] : []));

describe('the starter, trained as a whole', () => {
  it('learns its batch, and the same again gives the same bits', async () => {
    const first = await train(trainable);
    expect(first.losses.at(-1)).toBeLessThan((first.losses[0] as number) / 2);
    const second = await train(trainable);
    expect(second.losses).toEqual(first.losses);
    for (const name of trainable) {
      const [left, right] = [first.store.value(name), second.store.value(name)];
      expect(
        Buffer.compare(
          Buffer.from(left.buffer, left.byteOffset, left.byteLength),
          Buffer.from(right.buffer, right.byteOffset, right.byteLength),
        ),
      ).toBe(0);
    }
  });

  it('moves read rows of its table by their gradient, all others by the decay alone', async () => {
    const { store } = await train([TABLE]);
    const before = weights.get(TABLE)?.data as Float32Array;
    const after = store.value(TABLE);
    const width = store.parameter(TABLE).dims[1] as number;
    const decayed = (1 - 1e-3 * 0.01) ** STEPS;
    const read = new Set(
      [...Object.entries(batch(1))].flatMap(([name, { data }]) => (name.endsWith('ids') ? [...data].map(Number) : [])),
    );
    for (const row of [0, 999, 20_000, 30_521]) {
      for (let i = row * width; i < (row + 1) * width; i++) {
        expect(Math.abs((after[i] as number) - (before[i] as number) * decayed)).toBeLessThan(1e-7);
      }
    }
    for (const row of read) {
      const moved = after
        .subarray(row * width, (row + 1) * width)
        .some((value, i) => Math.abs(value - (before[row * width + i] as number)) > 1e-4);
      expect(moved).toBe(true);
    }
  });
});
