/** The dimensions that two shapes broadcast to (numpy's rule). Throws when they do not fit. */
export function broadcastDims(left: readonly number[], right: readonly number[]): number[] {
  const rank = Math.max(left.length, right.length);
  return Array.from({ length: rank }, (_, axis) => {
    const a = left[left.length - rank + axis] ?? 1;
    const b = right[right.length - rank + axis] ?? 1;
    if (a !== b && a !== 1 && b !== 1) throw new Error(`[${left}] and [${right}] do not broadcast`);
    return a === 1 ? b : a;
  });
}

/** The dimensions of a matrix product of at least two-dimensional operands, leading axes broadcast. */
export function matMulDims(left: readonly number[], right: readonly number[]): number[] {
  if (left.length < 2 || right.length < 2 || left.at(-1) !== right.at(-2)) {
    throw new Error(`[${left}] and [${right}] do not multiply`);
  }
  return [...broadcastDims(left.slice(0, -2), right.slice(0, -2)), left.at(-2) as number, right.at(-1) as number];
}

/** Axes counted from the end become axes counted from the front. */
export const positiveAxes = (axes: readonly number[], rank: number): number[] =>
  axes.map((axis) => (axis < 0 ? axis + rank : axis));

/** What is left of `dims` after a reduction over `axes`. */
export function reducedDims(dims: readonly number[], axes: readonly number[], keepDims: boolean): number[] {
  const gone = new Set(positiveAxes(axes, dims.length));
  return dims.flatMap((size, axis) => (gone.has(axis) ? (keepDims ? [1] : []) : [size]));
}
