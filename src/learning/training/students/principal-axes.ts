import { createRandom } from '../../../foundation/core/random.ts';
import { gaussian } from '../trainables/gaussian.ts';

export interface PrincipalAxes {
  /** `[width]` */
  readonly mean: Float32Array;
  /** `[count, width]`, orthonormal rows that span the directions of largest variance. */
  readonly axes: Float32Array;
}

/** Rounds of multiplying by the covariance; the span is settled long before for spectra that fall. */
const ROUNDS = 30;

/**
 * The first principal axes of rows, by subspace iteration on their covariance (Golub and Van Loan, "Matrix Computations",
 * section 8.2.4). The span is what counts here; axes within it are in no particular order.
 */
export function principalAxes(data: Float32Array, rows: number, width: number, count: number): PrincipalAxes {
  const mean = new Float64Array(width);
  for (let at = 0; at < rows * width; at++)
    mean[at % width] = (mean[at % width] as number) + (data[at] as number) / rows;
  const covariance = covarianceOf(data, rows, width, mean);
  let axes = Float64Array.from(gaussian(count * width, 1, createRandom(1)));
  for (let round = 0; round < ROUNDS; round++)
    axes = orthonormalRows(times(axes, covariance, count, width), count, width);
  return { mean: Float32Array.from(mean), axes: Float32Array.from(axes) };
}

function covarianceOf(data: Float32Array, rows: number, width: number, mean: Float64Array): Float64Array {
  const covariance = new Float64Array(width * width);
  const centred = new Float64Array(width);
  for (let row = 0; row < rows; row++) {
    for (let i = 0; i < width; i++) centred[i] = (data[row * width + i] as number) - (mean[i] as number);
    for (let i = 0; i < width; i++) {
      const left = centred[i] as number;
      for (let j = i; j < width; j++) {
        covariance[i * width + j] = (covariance[i * width + j] as number) + left * (centred[j] as number);
      }
    }
  }
  for (let i = 0; i < width; i++)
    for (let j = 0; j < i; j++) covariance[i * width + j] = covariance[j * width + i] as number;
  return covariance;
}

function times(axes: Float64Array, matrix: Float64Array, count: number, width: number): Float64Array<ArrayBuffer> {
  const result = new Float64Array(count * width);
  for (let axis = 0; axis < count; axis++) {
    for (let i = 0; i < width; i++) {
      const factor = axes[axis * width + i] as number;
      for (let j = 0; j < width; j++) {
        const place = axis * width + j;
        result[place] = (result[place] as number) + factor * (matrix[i * width + j] as number);
      }
    }
  }
  return result;
}

/** Gram and Schmidt, each row twice against rounding. */
function orthonormalRows(rows: Float64Array<ArrayBuffer>, count: number, width: number): Float64Array<ArrayBuffer> {
  for (let axis = 0; axis < count; axis++) {
    const row = rows.subarray(axis * width, (axis + 1) * width);
    for (let pass = 0; pass < 2; pass++) {
      for (let other = 0; other < axis; other++) {
        const against = rows.subarray(other * width, (other + 1) * width);
        let product = 0;
        for (let i = 0; i < width; i++) product += (row[i] as number) * (against[i] as number);
        for (let i = 0; i < width; i++) row[i] = (row[i] as number) - product * (against[i] as number);
      }
    }
    const length = Math.sqrt(row.reduce((sum, value) => sum + value * value, 0)) || 1;
    for (let i = 0; i < width; i++) row[i] = (row[i] as number) / length;
  }
  return rows;
}
