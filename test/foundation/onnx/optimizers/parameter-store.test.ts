import { describe, expect, it } from 'vitest';
import { StudioError } from '../../../../src/foundation/core/errors.ts';
import { float32 } from '../../../../src/foundation/onnx/graph/tensor.ts';
import { createOptimizer, type OptimizerOptions } from '../../../../src/foundation/onnx/optimizers/create-optimizer.ts';
import { ParameterStore } from '../../../../src/foundation/onnx/optimizers/parameter-store.ts';

const ADAMW: OptimizerOptions = { kind: 'adamw', learningRate: 0.1, weightDecay: 0.1 };

function storeWith(options: OptimizerOptions) {
  const store = new ParameterStore();
  store.add('dense', float32([3], [1, 2, 3]));
  store.add('bias', float32([2], [1, 1]));
  store.add('table', float32([4, 2], [1, 2, 3, 4, 5, 6, 7, 8]));
  store.keepByRows('table');
  const optimizer = createOptimizer(store, options);
  /** A gradient for `dense` and for one row of the table. */
  const batch = (gradient: readonly number[], row: number): void => {
    const dense = store.parameter('dense');
    const slot = store.gradientSlot(dense);
    dense.view[slot].set(gradient);
    store.gradientWritten(dense, slot);
    const table = store.parameter('table');
    store.catchUpRows(table, [row]);
    table.rows?.touch(row);
    table.view.gradient[row * 2] = (table.view.gradient[row * 2] as number) + 1;
    store.batches++;
  };
  return { store, optimizer, batch };
}

describe('the parameter store', () => {
  it('takes a copy of what it is given', () => {
    const given = Float32Array.of(1, 2, 3);
    const store = new ParameterStore();
    store.add('w', float32([3], given));
    given.fill(0);
    expect([...store.value('w')]).toEqual([1, 2, 3]);
  });

  it('moves weights by the mean gradient of several batches', () => {
    const one = storeWith({ kind: 'sgd', learningRate: 1, momentum: 0 });
    one.batch([1, 2, 3], 0);
    one.batch([3, 2, 1], 0);
    expect(one.optimizer.apply(0).gradientNorm).toBeCloseTo(Math.sqrt(12 + 1));
    expect([...one.store.value('dense')]).toEqual([-1, 0, 1]);
    expect([...one.store.value('table')].slice(0, 2)).toEqual([0, 2]);
  });

  it('leaves a parameter alone that no batch reached', () => {
    const { store, optimizer, batch } = storeWith(ADAMW);
    batch([1, 1, 1], 0);
    optimizer.apply(0);
    expect([...store.value('bias')]).toEqual([1, 1]);
  });

  it('gives groups their own decay and learning rate', () => {
    const { store, optimizer, batch } = storeWith({
      kind: 'sgd',
      learningRate: 1,
      momentum: 0,
      groups: [{ includes: (name) => name === 'dense', learningRateFactor: 0.5, weightDecay: 0.1 }],
    });
    batch([1, 0, 0], 1);
    optimizer.apply(0);
    const [first = 0, second = 0, third = 0] = store.value('dense');
    expect([first, second, third].map((x) => Math.round(x * 1e6) / 1e6)).toEqual([0.45, 1.9, 2.85]);
    expect([...store.value('table')].slice(2, 4)).toEqual([2, 4]);
  });

  it.each([
    ADAMW,
    { kind: 'sgd', learningRate: 0.1, weightDecay: 0.1 } as const,
  ])('goes on from a snapshot bit for bit: $kind', (options) => {
    const straight = storeWith(options);
    const before = storeWith(options);
    const steps = Array.from({ length: 12 }, (_, step) => ({ gradient: [step, 1 - step, 2], row: (step * 3) % 4 }));
    const run = ({ batch, optimizer }: typeof straight, from: number, to: number) => {
      for (let step = from; step < to; step++) {
        batch(steps[step]?.gradient as number[], steps[step]?.row as number);
        optimizer.apply(step);
      }
    };
    run(straight, 0, 12);
    run(before, 0, 5);
    const saved = new Map([...before.store.snapshot()].map(([name, array]) => [name, array.slice()]));
    const after = storeWith(options);
    after.store.restore(saved);
    run(after, 5, 12);
    for (const name of ['dense', 'bias', 'table']) {
      expect([...after.store.value(name)]).toEqual([...straight.store.value(name)]);
    }
  });

  it('refuses a snapshot of other parameters', () => {
    const { store } = storeWith(ADAMW);
    const other = new ParameterStore();
    other.add('dense', float32([4], [1, 2, 3, 4]));
    createOptimizer(other, ADAMW);
    expect(() => store.restore(other.snapshot())).toThrow(StudioError);
  });

  it('says what memory it needs: weight, gradient and two moments', () => {
    expect(storeWith(ADAMW).store.memoryBytes).toBe((3 + 2 + 8) * 4 * 4);
    expect(storeWith({ kind: 'sgd', learningRate: 1 }).store.memoryBytes).toBe((3 + 2 + 8) * 4 * 3);
  });

  it('spreads parameters over several memories when one is full', () => {
    const store = new ParameterStore();
    const large = 10 * 2 ** 20;
    for (const name of ['a', 'b', 'c']) store.add(name, float32([large], new Float32Array(large)));
    const optimizer = createOptimizer(store, { kind: 'sgd', learningRate: 1, momentum: 0 });
    for (const name of ['a', 'c']) {
      const parameter = store.parameter(name);
      parameter.view.gradient[large - 1] = 2;
      store.gradientWritten(parameter, 'gradient');
    }
    store.batches++;
    expect(optimizer.apply(0).gradientNorm).toBeCloseTo(Math.sqrt(8));
    expect(new Set([...store.parameters()].map(({ bank }) => bank)).size).toBe(2);
    expect(['a', 'b', 'c'].map((name) => store.value(name)[large - 1])).toEqual([-2, 0, -2]);
  });
});
