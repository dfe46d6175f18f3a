import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../../../../src/foundation/onnx/graph/graph-builder.ts';
import { float32, type Tensor } from '../../../../src/foundation/onnx/graph/tensor.ts';
import { createOptimizer } from '../../../../src/foundation/onnx/optimizers/create-optimizer.ts';
import { ParameterStore } from '../../../../src/foundation/onnx/optimizers/parameter-store.ts';
import { evaluate } from '../../../../src/foundation/onnx/session/open-session.ts';
import { compileStep } from '../../../../src/learning/training/step/compile-step.ts';
import { contrastive, idsOf, smallEncoder, TRAINABLE, VOCABULARY, WIDTH } from './support/small-encoder.ts';

const ROWS = 4;

function small(options: { whole?: boolean } = {}, trainable: readonly string[] = TRAINABLE) {
  const { builder, vectors } = smallEncoder(ROWS, options);
  const loss = contrastive(builder, vectors, vectors);
  const store = new ParameterStore();
  return { builder, loss, store, trainable, vectors };
}

async function trained(options: { whole?: boolean }, steps: number): Promise<Map<string, Float32Array>> {
  const setting = small(options);
  const step = await compileStep(setting);
  const optimizer = createOptimizer(setting.store, {
    kind: 'adamw',
    learningRate: 1e-2,
    weightDecay: 0.05,
    clipNorm: 1,
  });
  for (let count = 0; count < steps; count++) {
    await step.run({ ids: idsOf(ROWS, count) });
    optimizer.apply(count);
  }
  const values = new Map(TRAINABLE.map((name) => [name, setting.store.value(name).slice()]));
  await step.dispose();
  return values;
}

const largestDifference = (left: Float32Array, right: Float32Array): number =>
  left.reduce((most, value, i) => Math.max(most, Math.abs(value - (right[i] as number))), 0);

describe('a compiled step', () => {
  it('adds the gradients of the loss to the store', async () => {
    const { builder, loss, store, trainable } = small();
    const step = await compileStep({ builder, loss, store, trainable });
    const feeds = { ids: idsOf(ROWS, 1) };
    const { loss: reported } = await step.run(feeds);
    const lossAt = async (name: string, place: number, by: number): Promise<number> => {
      const graph = builder.build([loss]);
      const moved = Float32Array.from(graph.constants.get(name)?.data as Float32Array);
      moved[place] = (moved[place] as number) + by;
      const constants = new Map(graph.constants).set(name, float32(builder.value(name).dims, moved));
      return (await evaluate({ ...graph, constants }, feeds))[loss.name]?.data[0] as number;
    };
    expect(reported).toBeCloseTo(await lossAt('table', 0, 0), 5);
    for (const name of TRAINABLE) {
      const { gradient } = store.parameter(name).view;
      for (const place of [0, 3, gradient.length - 1]) {
        const slope = ((await lossAt(name, place, 1e-2)) - (await lossAt(name, place, -1e-2))) / 2e-2;
        expect(Math.abs((gradient[place] as number) - slope)).toBeLessThan(2e-3);
      }
    }
    await step.dispose();
  });

  it('updates tables by rows to the same weights as whole tables', async () => {
    const byRows = await trained({}, 30);
    const whole = await trained({ whole: true }, 30);
    for (const name of TRAINABLE) {
      expect(largestDifference(byRows.get(name) as Float32Array, whole.get(name) as Float32Array)).toBeLessThan(1e-5);
    }
  });

  it('shares a table between a graph that reads rows of it and one that reads it whole', async () => {
    const [rows, whole, reference] = [small(), small({ whole: true }), small({ whole: true })];
    const settings = { kind: 'adamw', learningRate: 1e-2, weightDecay: 0.05 } as const;
    const mixed = await Promise.all([compileStep(rows), compileStep({ ...whole, store: rows.store })]);
    const alone = await compileStep(reference);
    const optimizers = [createOptimizer(rows.store, settings), createOptimizer(reference.store, settings)];
    for (let count = 0; count < 12; count++) {
      await mixed[count % 2]?.run({ ids: idsOf(ROWS, count) });
      await alone.run({ ids: idsOf(ROWS, count) });
      for (const optimizer of optimizers) optimizer.apply(count);
    }
    for (const name of TRAINABLE) {
      expect(largestDifference(rows.store.value(name), reference.store.value(name))).toBeLessThan(1e-5);
    }
    for (const step of [...mixed, alone]) await step.dispose();
  });

  it('gives the same bits for the same batches', async () => {
    expect(await trained({}, 10)).toEqual(await trained({}, 10));
  });

  it('keeps the whole table when the graph uses it otherwise too', async () => {
    const { builder, vectors, store, trainable } = small();
    const scores = builder.matMul(vectors, builder.transposeLast(builder.value('table')));
    const loss = builder.reduce('ReduceMean', builder.mul(scores, scores), [0, 1], false);
    const step = await compileStep({ builder, loss, store, trainable });
    await step.run({ ids: idsOf(ROWS, 1, 2) });
    const { gradient } = store.parameter('table').view;
    expect(gradient.subarray((VOCABULARY - 1) * WIDTH).some((value) => value !== 0)).toBe(true);
    await step.dispose();
  });

  it('sums gradients over batches, of which the optimizer takes the mean', async () => {
    const one = small();
    const step = await compileStep(one);
    const sums = new Map<string, Float32Array>();
    for (const seed of [1, 2, 3]) {
      await step.run({ ids: idsOf(ROWS, seed) });
      for (const name of TRAINABLE) {
        const { gradient } = one.store.parameter(name).view;
        const sum = sums.get(name) ?? new Float32Array(gradient.length);
        sums.set(
          name,
          sum.map((value, i) => value + (gradient[i] as number)),
        );
      }
      one.store.clearGradients();
    }
    for (const seed of [1, 2, 3]) await step.run({ ids: idsOf(ROWS, seed) });
    for (const name of TRAINABLE) {
      const { gradient } = one.store.parameter(name).view;
      expect(largestDifference(gradient, sums.get(name) as Float32Array)).toBeLessThan(1e-6);
    }
    expect(one.store.batches).toBe(3);
    await step.dispose();
  });

  it('does not move frozen weights by a bit, and differentiates nothing below the first trained one', async () => {
    const frozen = small({ whole: true }, ['dense.bias']);
    const step = await compileStep(frozen);
    const before = Float32Array.from(frozen.builder.constantOf(frozen.builder.value('table'))?.data as Float32Array);
    const optimizer = createOptimizer(frozen.store, { kind: 'sgd', learningRate: 1 });
    await step.run({ ids: idsOf(ROWS, 1) });
    optimizer.apply(0);
    expect([...frozen.store.parameters()].map(({ name }) => name)).toEqual(['dense.bias']);
    expect(frozen.builder.constantOf(frozen.builder.value('table'))?.data).toEqual(before);
    const all = await compileStep(small({ whole: true }));
    expect(step.keptBytes).toBeLessThan(all.keptBytes);
    await step.dispose();
    await all.dispose();
  });

  it('reports metrics and gradients by inputs beside the loss', async () => {
    const builder = new GraphBuilder();
    const x = builder.input('x', 'float32', [2]);
    const weight = builder.constant(float32([2], [3, 4]), 'w');
    const product = builder.mul(x, weight);
    const loss = builder.reduce('ReduceSum', product, [0], false);
    const largest = builder.reduce('ReduceMax', product, [0], false);
    const store = new ParameterStore();
    const step = await compileStep({
      builder,
      loss,
      metrics: { largest },
      store,
      trainable: ['w'],
      gradientsOf: ['x'],
    });
    const result = await step.run({ x: float32([2], [10, 20]) });
    expect(result.loss).toBe(110);
    expect(result.metrics).toEqual({ largest: 80 });
    expect([...(result.inputGradients.x as Float32Array)]).toEqual([3, 4]);
    expect([...store.parameter('w').view.gradient]).toEqual([10, 20]);
    await step.dispose();
  });

  it('leaves weights alone on which the loss does not depend', async () => {
    const { builder, loss, store } = small();
    builder.constant(float32([2], [1, 2]), 'spare');
    const step = await compileStep({ builder, loss, store, trainable: [...TRAINABLE, 'spare', 'of another graph'] });
    const optimizer = createOptimizer(store, { kind: 'adamw', learningRate: 1, weightDecay: 0.5 });
    await step.run({ ids: idsOf(ROWS, 1) });
    optimizer.apply(0);
    expect([...store.value('spare')]).toEqual([1, 2]);
    await step.dispose();
  });

  it('says which row of which table there is not', async () => {
    const step = await compileStep(small());
    const ids: Tensor = { type: 'int64', dims: [ROWS, 3], data: new BigInt64Array(ROWS * 3).fill(BigInt(VOCABULARY)) };
    await expect(step.run({ ids })).rejects.toThrow(`the table "table" has ${VOCABULARY} rows, and row ${VOCABULARY}`);
    await expect(step.run({})).rejects.toThrow('the batch has no "ids"');
    await step.dispose();
  });
});
