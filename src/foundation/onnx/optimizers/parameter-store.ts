import { StudioError } from '../../core/errors.ts';
import { sizeOf, type Tensor } from '../graph/tensor.ts';
import { LARGEST_BANK_BYTES, MemoryBank } from './memory-bank.ts';
import { fitsBank, type Parameter, placeParameter, reservedBytes } from './parameter.ts';
import { TouchedRows } from './touched-rows.ts';

/** A bank is at least so large, so that small parameters share one. */
const USUAL_BANK_BYTES = 512 * 2 ** 20;

export type StoredArray = Float32Array | Float64Array | Int32Array;

/** What an optimizer tells the store about itself. */
export interface StoreOptimizer {
  /** Moments that it keeps per weight. */
  readonly moments: 0 | 1 | 2;
  /** Lets rows make the steps that they missed, up to step `steps`. */
  catchUp(parameter: Parameter, rows: Iterable<number>, steps: number): void;
}

/**
 * Trained weights with gradients and optimizer state as float32 in WebAssembly memory: onnxruntime reads weights and writes
 * gradients there without a copy, and the optimizer's kernels run over them.
 *
 * A table that a graph reads by rows is updated by rows: what a row missed is made up for when it is next read.
 *
 * @example
 * const store = new ParameterStore();
 * store.add('dense.weight', float32([384, 384], values));
 * const step = await compileStep({ builder, loss, store, trainable: ['dense.weight'] });
 * const optimizer = createOptimizer(store, { kind: 'adamw', learningRate: 1e-4 });
 * await step.run(feeds);
 * optimizer.apply(0);
 * store.value('dense.weight');
 */
export class ParameterStore {
  /** Optimizer steps that were made. */
  stepsDone = 0;
  /** Batches whose gradients are summed in the store; the optimizer takes their mean. */
  batches = 0;
  /** Whether a second gradient of a weight has to be held while it is added; only counted in {@link memoryBytes}. */
  accumulates = false;
  #optimizer: StoreOptimizer | null = null;
  readonly #banks: MemoryBank[] = [];
  readonly #parameters = new Map<string, Parameter>();

  /** Takes a copy of a float32 tensor. Throws `training_too_large` for one that no memory holds. */
  add(name: string, tensor: Tensor): void {
    if (this.#parameters.has(name)) throw new Error(`the store already has a parameter "${name}"`);
    if (tensor.type !== 'float32') throw new Error(`"${name}" is ${tensor.type}; weights are trained as float32`);
    const count = sizeOf(tensor.dims);
    if (!fitsBank(count)) {
      throw new StudioError('training_too_large', `The weight "${name}" [${tensor.dims}] is too large to be trained.`, {
        hint: 'Freeze it and train layers above it, or train an adapter.',
      });
    }
    const parameter = this.#place(name, tensor.dims, count);
    parameter.view.value.set(tensor.data as Float32Array);
    this.#parameters.set(name, parameter);
  }

  has(name: string): boolean {
    return this.#parameters.has(name);
  }

  /** Throws when there is none of the name: a fault of the caller. */
  parameter(name: string): Parameter {
    const parameter = this.#parameters.get(name);
    if (parameter === undefined) throw new Error(`the store has no parameter "${name}"`);
    return parameter;
  }

  parameters(): Iterable<Parameter> {
    return this.#parameters.values();
  }

  /** The weight as it is now, a view. Later steps change it; of a table only after {@link catchUp} in all its rows. */
  value(name: string): Float32Array {
    const parameter = this.parameter(name);
    this.#catchUpAll(parameter);
    return parameter.view.value;
  }

  /** Brings every row of every table up to the last step. */
  catchUp(): void {
    for (const parameter of this.parameters()) this.#catchUpAll(parameter);
  }

  /** Brings the rows up to the last step, before they are read. */
  catchUpRows(parameter: Parameter, rows: Iterable<number>): void {
    if (parameter.rows !== null) this.#optimizer?.catchUp(parameter, rows, this.stepsDone);
  }

  /** From now on the table is read and updated by rows. */
  keepByRows(name: string): void {
    const parameter = this.parameter(name);
    if (parameter.rows !== null) return;
    const [rows, width] = parameter.dims;
    if (rows === undefined || width === undefined || parameter.dims.length !== 2) {
      throw new Error(`"${name}" [${parameter.dims}] is no table of rows`);
    }
    parameter.rows = new TouchedRows(rows, width);
    parameter.rows.clock.fill(this.stepsDone);
    parameter.view.gradient.fill(0);
    parameter.hasGradient = true;
  }

  /** The slot to write a further gradient of the whole parameter to: in place if it is the first, else to be added. */
  gradientSlot(parameter: Parameter): 'gradient' | 'addend' {
    if (!parameter.hasGradient) return 'gradient';
    this.accumulates = true;
    return 'addend';
  }

  /** Announces that the slot has been written. */
  gradientWritten(parameter: Parameter, slot: 'gradient' | 'addend'): void {
    if (slot === 'addend') {
      const { bank, at, count } = parameter;
      bank.kernels.accumulate(at.gradient, at.addend, count, 1);
    }
    parameter.hasGradient = true;
    parameter.rows?.touchAll();
  }

  /** Forgets gradients, so that the next batch begins anew. */
  clearGradients(): void {
    this.batches = 0;
    for (const parameter of this.parameters()) {
      const { rows, view } = parameter;
      if (rows === null) parameter.hasGradient = false;
      else {
        for (const row of rows.touched) view.gradient.fill(0, row * rows.width, (row + 1) * rows.width);
        rows.clear();
      }
    }
  }

  attach(optimizer: StoreOptimizer): void {
    this.#optimizer = optimizer;
  }

  /** Weights, gradients and optimizer state in bytes, should everything be touched. */
  get memoryBytes(): number {
    const slots = 2 + (this.#optimizer?.moments ?? 2) + (this.accumulates ? 1 : 0);
    let floats = 0;
    for (const { count } of this.parameters()) floats += count;
    return floats * 4 * slots;
  }

  /**
   * Everything that decides how training goes on, as arrays by name: values, moments, how many steps each row of a table has
   * had. Views, no copies: write them down before the next step.
   */
  snapshot(): Map<string, StoredArray> {
    const arrays = new Map<string, StoredArray>([['steps', Float64Array.of(this.stepsDone)]]);
    for (const { name, view, rows } of this.parameters()) {
      for (const slot of this.#kept()) arrays.set(`${slot}/${name}`, view[slot]);
      if (rows !== null) arrays.set(`rows/${name}`, rows.clock);
    }
    return arrays;
  }

  /** Goes on from a snapshot of the same parameters. Throws `invalid_checkpoint` when it is of others. */
  restore(snapshot: ReadonlyMap<string, ArrayLike<number>>): void {
    this.stepsDone = required(snapshot, 'steps', 1)[0] as number;
    for (const parameter of this.parameters()) {
      const { name, view, count } = parameter;
      for (const slot of this.#kept()) view[slot].set(required(snapshot, `${slot}/${name}`, count));
      const clock = snapshot.get(`rows/${name}`);
      if (clock !== undefined) {
        this.keepByRows(name);
        parameter.rows?.clock.set(clock);
      } else parameter.rows?.clock.fill(this.stepsDone);
    }
    this.clearGradients();
  }

  /** Gives the memory back once no view is held any more. */
  dispose(): void {
    this.#parameters.clear();
    this.#banks.length = 0;
  }

  #kept(): Array<'value' | 'firstMoment' | 'secondMoment'> {
    const moments = (['firstMoment', 'secondMoment'] as const).slice(0, this.#optimizer?.moments ?? 0);
    return ['value', ...moments];
  }

  #place(name: string, dims: readonly number[], count: number): Parameter {
    const last = this.#banks.at(-1);
    const placed = last === undefined ? null : placeParameter(last, name, dims, count);
    if (placed !== null) return placed;
    const bank = new MemoryBank(Math.min(LARGEST_BANK_BYTES, Math.max(USUAL_BANK_BYTES, reservedBytes(count))));
    this.#banks.push(bank);
    return placeParameter(bank, name, dims, count) as Parameter;
  }

  #catchUpAll(parameter: Parameter): void {
    if (parameter.rows !== null) this.catchUpRows(parameter, parameter.rows.clock.keys());
  }
}

function required(snapshot: ReadonlyMap<string, ArrayLike<number>>, name: string, length: number): ArrayLike<number> {
  const array = snapshot.get(name);
  if (array?.length === length) return array;
  throw new StudioError('invalid_checkpoint', `The checkpoint does not have "${name}" with ${length} numbers.`, {
    hint: 'Remove it and train from the beginning.',
  });
}
