import type { Pair } from './pair-table.ts';

/** The cells of many pairs in one row, pair after pair: the loops of a fit run over them hundreds of times. */
export interface FlatCells {
  /** Every position that was shown, ascending. */
  readonly positions: readonly number[];
  /** Where each pair's cells begin; one more entry than pairs. */
  readonly starts: Int32Array;
  /** Index into `positions`. */
  readonly place: Int32Array;
  readonly shown: Float64Array;
  readonly clicked: Float64Array;
}

export function flatten(pairs: readonly Pair[]): FlatCells {
  const cells = pairs.flatMap((pair) => pair.cells);
  const positions = [...new Set(cells.map(({ position }) => position))].sort((left, right) => left - right);
  const places = new Map(positions.map((position, index) => [position, index]));
  const starts = new Int32Array(pairs.length + 1);
  pairs.forEach((pair, index) => {
    starts[index + 1] = starts[index]! + pair.cells.length;
  });
  return {
    positions,
    starts,
    place: Int32Array.from(cells, ({ position }) => places.get(position)!),
    shown: Float64Array.from(cells, ({ shown }) => shown),
    clicked: Float64Array.from(cells, ({ clicked }) => clicked),
  };
}
