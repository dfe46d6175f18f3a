import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../../src/foundation/core/random.ts';
import { float32 } from '../../../../src/foundation/onnx/graph/tensor.ts';
import { createOptimizer, type OptimizerOptions } from '../../../../src/foundation/onnx/optimizers/create-optimizer.ts';
import { ParameterStore } from '../../../../src/foundation/onnx/optimizers/parameter-store.ts';
import type { Schedule } from '../../../../src/foundation/onnx/optimizers/schedule.ts';

const [ROWS, WIDTH] = [5, 6];

/** The same table updated by rows and as a whole, with the same gradients. */
class Twins {
  readonly #lazy: ParameterStore;
  readonly #dense: ParameterStore;
  readonly #optimizers: ReadonlyArray<ReturnType<typeof createOptimizer>>;
  readonly #random = createRandom(3);
  #steps = 0;

  constructor(options: OptimizerOptions) {
    const values = Float32Array.from({ length: ROWS * WIDTH }, () => this.#random.next() - 0.5);
    const stores = [new ParameterStore(), new ParameterStore()] as const;
    for (const store of stores) store.add('table', float32([ROWS, WIDTH], values));
    [this.#lazy, this.#dense] = stores;
    this.#lazy.keepByRows('table');
    this.#optimizers = stores.map((store) => createOptimizer(store, options));
  }

  step(step: number, rows: readonly number[]): void {
    const lazy = this.#lazy.parameter('table');
    const dense = this.#dense.parameter('table');
    this.#lazy.catchUpRows(lazy, rows);
    dense.view.gradient.fill(0);
    for (const row of rows) {
      lazy.rows?.touch(row);
      for (let i = row * WIDTH; i < (row + 1) * WIDTH; i++) {
        const gradient = (this.#random.next() - 0.5) * 10 ** (4 * this.#random.next() - 4);
        lazy.view.gradient[i] = gradient;
        dense.view.gradient[i] = gradient;
      }
    }
    this.#dense.gradientWritten(dense, 'gradient');
    for (const store of [this.#lazy, this.#dense]) store.batches++;
    for (const optimizer of this.#optimizers) optimizer.apply(step);
    this.#steps++;
  }

  /** Weights are below 1, and each step of either rounds them twice, by at most half of their last place. */
  rounding(): number {
    return 1e-7 + this.#steps * 2 ** -24;
  }

  /** The largest difference between the two. */
  difference(): number {
    const dense = this.#dense.value('table');
    return this.#lazy
      .value('table')
      .reduce((most, value, i) => Math.max(most, Math.abs(value - (dense[i] as number))), 0);
  }
}

const schedule = fc.constantFrom<Schedule>(
  { kind: 'constant' },
  { kind: 'linear', warmupSteps: 5, totalSteps: 400 },
  { kind: 'cosine', warmupSteps: 20, totalSteps: 300 },
);
const settings = fc.record({
  learningRate: fc.constantFrom(1e-4, 1e-2),
  weightDecay: fc.constantFrom(0, 0.01, 0.3),
  schedule,
});
/** For each step the rows that it touches; most touch none or one, and there are long pauses. */
const touches = fc.array(fc.uniqueArray(fc.integer({ min: 0, max: ROWS - 1 }), { maxLength: 2 }), { maxLength: 40 });
const pauses = fc.array(fc.integer({ min: 0, max: 60 }), { minLength: 40, maxLength: 40 });

function train(twins: Twins, touched: readonly number[][], pause: readonly number[]): void {
  let step = 0;
  touched.forEach((rows, place) => {
    twins.step(step++, rows);
    for (let idle = 0; idle < (pause[place] as number); idle++) twins.step(step++, []);
  });
}

describe('a table that is updated by rows', () => {
  it('ends where one that is updated as a whole ends: AdamW', () => {
    fc.assert(
      fc.property(
        settings,
        fc.constantFrom<[number, number]>([0.9, 0.999], [0.5, 0.9], [0, 0.99]),
        touches,
        pauses,
        (chosen, betas, touched, pause) => {
          const twins = new Twins({ kind: 'adamw', betas, clipNorm: 1, ...chosen });
          train(twins, touched, pause);
          expect(twins.difference()).toBeLessThan(twins.rounding());
        },
      ),
      { numRuns: 40 },
    );
  });

  it('ends where one that is updated as a whole ends: SGD', () => {
    fc.assert(
      fc.property(settings, fc.constantFrom(0, 0.9, 0.99), touches, pauses, (chosen, momentum, touched, pause) => {
        const twins = new Twins({ kind: 'sgd', momentum, clipNorm: 1, ...chosen });
        train(twins, touched, pause);
        expect(twins.difference()).toBeLessThan(twins.rounding());
      }),
      { numRuns: 40 },
    );
  });

  it('makes up for an absence that is longer than momentum lives', () => {
    const twins = new Twins({ kind: 'adamw', learningRate: 1e-2, weightDecay: 0.1 });
    twins.step(0, [0, 1, 2]);
    for (let step = 1; step < 3000; step++) twins.step(step, step % 700 === 0 ? [1] : []);
    expect(twins.difference()).toBeLessThan(twins.rounding());
  });
});
