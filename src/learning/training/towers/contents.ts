import type { ValueInfo } from '../../../foundation/onnx/graph/graph.ts';
import { float32, sizeOf, type Tensor } from '../../../foundation/onnx/graph/tensor.ts';
import { type TokenRows, tokenFeeds } from '../batches/token-feeds.ts';
import type { InputDims } from './tower-graph.ts';

/** The numbered inputs of one side, and how a batch of them is fed. Length is 0 where inputs have one size. */
export interface Contents {
  readonly count: number;
  lengthOf(input: number): number;
  dims(rows: number, length: number): InputDims;
  feeds(
    inputs: readonly number[],
    length: number,
  ): Readonly<Record<string, Tensor>> | Promise<Readonly<Record<string, Tensor>>>;
}

/** Texts, tokenised. */
export function tokenContents(inputs: readonly ValueInfo[], { rows, padId }: TokenRows): Contents {
  return {
    count: rows.length,
    lengthOf: (input) => (rows[input] as readonly number[]).length,
    dims: (count, length) => Object.fromEntries(inputs.map(({ name }) => [name, [count, length]])),
    feeds: (chosen, length) =>
      tokenFeeds(inputs, { rows: chosen.map((input) => rows[input] as readonly number[]), padId }, length),
  };
}

/** Arrays of one size: vectors of a frozen encoder, pixels, activations. */
export function arrayContents(name: string, size: readonly number[], arrays: readonly Float32Array[]): Contents {
  return {
    count: arrays.length,
    lengthOf: () => 0,
    dims: (count) => ({ [name]: [count, ...size] }),
    feeds(chosen) {
      const each = sizeOf(size);
      const data = new Float32Array(chosen.length * each);
      chosen.forEach((input, row) => void data.set(arrays[input] as Float32Array, row * each));
      return { [name]: float32([chosen.length, ...size], data) };
    },
  };
}
