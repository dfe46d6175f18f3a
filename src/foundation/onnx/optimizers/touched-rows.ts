/**
 * Which rows of a table the running step touched, and how many optimizer steps each row has had. A row whose clock is behind
 * the store's has yet to make the steps that it missed.
 */
export class TouchedRows {
  readonly rows: number;
  readonly width: number;
  readonly clock: Int32Array;
  /** Rows with a gradient, in the order of their first touch. */
  readonly touched: number[] = [];
  readonly #isTouched: Uint8Array;

  constructor(rows: number, width: number) {
    this.rows = rows;
    this.width = width;
    this.clock = new Int32Array(rows);
    this.#isTouched = new Uint8Array(rows);
  }

  touch(row: number): void {
    if (this.#isTouched[row] === 1) return;
    this.#isTouched[row] = 1;
    this.touched.push(row);
  }

  touchAll(): void {
    for (let row = 0; row < this.rows; row++) this.touch(row);
  }

  clear(): void {
    for (const row of this.touched) this.#isTouched[row] = 0;
    this.touched.length = 0;
  }
}
