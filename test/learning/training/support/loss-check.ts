import { expect } from 'vitest';
import { differentiate } from '../../../../src/foundation/onnx/autodiff/differentiate.ts';
import { GraphBuilder } from '../../../../src/foundation/onnx/graph/graph-builder.ts';
import type { Value } from '../../../../src/foundation/onnx/graph/static-graph.ts';
import { float32, type Tensor } from '../../../../src/foundation/onnx/graph/tensor.ts';
import { evaluate } from '../../../../src/foundation/onnx/session/open-session.ts';

/** Rows of numbers, in double precision. */
export type Matrix = readonly number[][];

export interface LossCheck {
  /** Inputs of the loss by name; numbers in a list are a vector, lists of lists a matrix. */
  readonly inputs: Readonly<Record<string, readonly number[] | Matrix>>;
  /** Names of the inputs that the gradient is checked by. */
  readonly by: readonly string[];
  readonly build: (builder: GraphBuilder, values: Readonly<Record<string, Value>>) => Value;
  /** The same loss as a plain formula. */
  readonly formula: (inputs: Readonly<Record<string, number[][]>>) => number;
}

const STEP = 1e-5;

/** The graph's loss equals the formula's, and its gradient the formula's central differences. */
export async function checkLoss({ inputs, by, build, formula }: LossCheck): Promise<void> {
  const builder = new GraphBuilder();
  const tensors = Object.fromEntries(Object.entries(inputs).map(([name, rows]) => [name, tensorOf(rows)]));
  const values = Object.fromEntries(
    Object.entries(tensors).map(([name, { dims }]) => [name, builder.input(name, 'float32', dims)]),
  );
  const loss = build(builder, values);
  expect(loss.dims).toEqual([]);
  const gradients = differentiate(
    builder,
    loss,
    by.map((name) => values[name] as Value),
  );
  const results = await evaluate(builder.build([loss, ...gradients]), tensors);
  const plain = Object.fromEntries(Object.entries(inputs).map(([name, rows]) => [name, matrixOf(rows)]));
  const wanted = formula(plain);
  expect(Math.abs((results[loss.name]?.data[0] as number) - wanted)).toBeLessThan(2e-5 * Math.max(1, Math.abs(wanted)));
  for (const [place, name] of by.entries()) {
    const given = results[gradients[place]?.name ?? '']?.data as Float32Array;
    const differences = centralDifferences(plain, name, formula);
    const scale = Math.max(1e-3, ...differences.map(Math.abs));
    for (const [at, difference] of differences.entries()) {
      expect(Math.abs((given[at] as number) - difference) / scale).toBeLessThan(1e-3);
    }
  }
}

function centralDifferences(
  inputs: Readonly<Record<string, number[][]>>,
  name: string,
  formula: LossCheck['formula'],
): number[] {
  return (inputs[name] as number[][]).flatMap((row) =>
    row.map((value, column) => {
      row[column] = value + STEP;
      const above = formula(inputs);
      row[column] = value - STEP;
      const below = formula(inputs);
      row[column] = value;
      return (above - below) / (2 * STEP);
    }),
  );
}

const isMatrix = (rows: readonly number[] | Matrix): rows is Matrix => typeof rows[0] !== 'number';

const tensorOf = (rows: readonly number[] | Matrix): Tensor =>
  isMatrix(rows) ? float32([rows.length, rows[0]?.length ?? 0], rows.flat()) : float32([rows.length], rows);

/** Rounded to single precision, as the graph sees them; a vector is one row. */
const matrixOf = (rows: readonly number[] | Matrix): number[][] =>
  (isMatrix(rows) ? rows : [rows]).map((row) => row.map(Math.fround));
