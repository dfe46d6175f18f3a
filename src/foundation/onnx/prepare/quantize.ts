import type { Random } from '../../core/random.ts';
import { sizeOf } from '../graph/tensor.ts';

/** Weights that were int8 before are whole steps but for float32's rounding, 127 · 2⁻²³; chance must not move them. */
const ON_GRID = 1e-4;

/**
 * Symmetric int8 quantisation: value ≈ integer · scale with scale = largest absolute value / 127, one scale for all
 * (`axis` null) or one per index of `axis`. Zeros stay exactly zero. Rounds to the nearest integer, or with `random` up
 * or down by chance, so that the expected value is the weight's (Gupta et al. 2015, "Deep Learning with Limited Numerical
 * Precision").
 */
export function quantize(
  values: Float32Array,
  dims: readonly number[],
  axis: number | null,
  random?: Random,
): { data: Int8Array; scales: Float32Array } {
  const length = axis === null ? 1 : (dims[axis] as number);
  const inner = axis === null ? values.length : sizeOf(dims.slice(axis + 1));
  const scales = new Float32Array(length);
  forEachRun(values.length, length, inner, (along, from, to) => {
    let largest = scales[along] as number;
    for (let index = from; index < to; index++) largest = Math.max(largest, Math.abs(values[index] as number));
    scales[along] = largest;
  });
  for (let along = 0; along < length; along++) scales[along] = (scales[along] as number) / 127 || 1;
  const data = new Int8Array(values.length);
  forEachRun(values.length, length, inner, (along, from, to) => {
    const scale = scales[along] as number;
    for (let index = from; index < to; index++) {
      const steps = (values[index] as number) / scale;
      const nearest = Math.round(steps);
      const isOnGrid = Math.abs(steps - nearest) < ON_GRID;
      const rounded = random === undefined || isOnGrid ? nearest : Math.floor(steps + random.next());
      data[index] = Math.max(-127, Math.min(127, rounded));
    }
  });
  return { data, scales };
}

/** Calls back for each run of neighbouring elements that share an index of the axis. */
function forEachRun(
  total: number,
  length: number,
  inner: number,
  run: (along: number, from: number, to: number) => void,
): void {
  for (let from = 0, along = 0; from < total; from += inner, along = (along + 1) % length)
    run(along, from, from + inner);
}
