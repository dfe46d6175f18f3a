import { float32, sizeOf, type Tensor } from '../../../foundation/onnx/graph/tensor.ts';
import type { Parameter } from '../../../foundation/onnx/optimizers/parameter.ts';
import type { ParameterStore } from '../../../foundation/onnx/optimizers/parameter-store.ts';
import type { TouchedRows } from '../../../foundation/onnx/optimizers/touched-rows.ts';
import { rowNumbers, type TableRead } from './cut-tables.ts';

/** Does outside the graph what a cut look-up did: gathers rows for it and scatters their gradients back. */
export class TableReader {
  /** The graph's input that holds the rows. */
  readonly input: string;
  /** The rows, filled by {@link gather}. */
  readonly fed: Tensor;
  readonly #read: TableRead;
  readonly #store: ParameterStore;
  readonly #parameter: Parameter;
  readonly #rows: TouchedRows;
  #numbers = new Int32Array();

  constructor(read: TableRead, store: ParameterStore) {
    this.input = read.rows.name;
    this.fed = float32(read.rows.dims, new Float32Array(sizeOf(read.rows.dims)));
    this.#read = read;
    this.#store = store;
    store.keepByRows(read.table);
    this.#parameter = store.parameter(read.table);
    this.#rows = this.#parameter.rows as TouchedRows;
  }

  gather(feeds: Readonly<Record<string, Tensor>>): void {
    const { rows, width } = this.#rows;
    this.#numbers = rowNumbers(this.#read, feeds, rows);
    this.#store.catchUpRows(this.#parameter, this.#numbers);
    const table = this.#parameter.view.value;
    const into = this.fed.data as Float32Array;
    this.#numbers.forEach((row, place) => {
      into.set(table.subarray(row * width, (row + 1) * width), place * width);
    });
  }

  /** Adds the gradient of the rows that were gathered last. */
  scatter(gradient: Float32Array): void {
    const { width } = this.#rows;
    const sums = this.#parameter.view.gradient;
    this.#numbers.forEach((row, place) => {
      this.#rows.touch(row);
      const to = row * width;
      const from = place * width;
      for (let i = 0; i < width; i++) sums[to + i] = (sums[to + i] as number) + (gradient[from + i] as number);
    });
  }
}
