import { createRandom } from '../../src/foundation/core/random.ts';
import { differentiate } from '../../src/foundation/onnx/autodiff/differentiate.ts';
import { GraphBuilder } from '../../src/foundation/onnx/graph/graph-builder.ts';
import type { StaticGraph, Value } from '../../src/foundation/onnx/graph/static-graph.ts';
import { float32, sizeOf, type Tensor } from '../../src/foundation/onnx/graph/tensor.ts';
import { openSession } from '../../src/foundation/onnx/session/open-session.ts';

/** A small graph at one point of its inputs, at which its gradients are checked. */
export interface Trial {
  readonly inputs: readonly TrialInput[];
  /** Adds what is to be differentiated; the loss is a random weighted sum of the returned float32 values. */
  readonly build: (builder: GraphBuilder, inputs: Value[]) => Value[];
  readonly seed: number;
}

export interface TrialInput {
  readonly dims: readonly number[];
  readonly data: Float32Array;
  /** Whether this input's gradient is asked for. */
  readonly wanted: boolean;
}

/** Half the smaller of the two steps: a power of two, so that stepping rounds little. */
const STEP = 1 / 32;
/** Gradients smaller than this are compared as if they were this large: below it single precision has no digits left. */
const FLOOR = 0.05;

/**
 * The worst difference between a differentiated graph and central differences, extrapolated from two step widths
 * (Richardson 1911), over all elements of the wanted inputs; relative to the largest element of the input's gradient.
 * Values are single precision, sums of them double.
 */
export async function worstGradientError(trial: Trial): Promise<number> {
  const { forward, backward, names, weights } = graphsOf(trial);
  const feeds = Object.fromEntries(
    trial.inputs.map((input, at) => [`x${at}`, float32(input.dims, input.data.slice())]),
  );
  const [plain, differentiated] = [
    await openSession(forward, { optimization: 'disabled' }),
    await openSession(backward),
  ];
  try {
    const gradients = await differentiated.run(feeds);
    const loss = async (): Promise<number> => weightedSum(await plain.run(feeds), weights);
    let worst = 0;
    for (const [name, gradientName] of names) {
      const gradient = (gradients[gradientName] as Tensor).data as Float32Array;
      const numeric = await differences((feeds[name] as Tensor).data as Float32Array, loss);
      worst = Math.max(worst, relativeError(gradient, numeric));
    }
    return worst;
  } finally {
    await plain.release();
    await differentiated.release();
  }
}

function graphsOf(trial: Trial): {
  forward: StaticGraph;
  backward: StaticGraph;
  names: Array<[input: string, gradient: string]>;
  weights: Array<[output: string, weights: Float32Array]>;
} {
  const random = createRandom(trial.seed);
  const builder = new GraphBuilder();
  const inputs = trial.inputs.map((input, at) => builder.input(`x${at}`, 'float32', input.dims));
  const outputs = trial.build(builder, inputs);
  const forward = builder.build(outputs);
  const weights = outputs.map((output): [string, Float32Array] => [
    output.name,
    Float32Array.from({ length: sizeOf(output.dims) }, () => random.next() * 2 - 1),
  ]);
  const terms = outputs.map((output, at) => {
    const weight = builder.constant(float32(output.dims, (weights[at] as [string, Float32Array])[1]));
    return builder.sumTo(builder.mul(output, weight), []);
  });
  const loss = terms.reduce((left, right) => builder.add(left, right));
  const by = inputs.filter((_, at) => trial.inputs[at]?.wanted);
  const gradients = differentiate(builder, loss, by);
  const names = by.map((input, at): [string, string] => [input.name, (gradients[at] as Value).name]);
  return { forward, backward: builder.build([...new Set(gradients)]), names, weights };
}

function weightedSum(results: Record<string, Tensor>, weights: ReadonlyArray<[string, Float32Array]>): number {
  let sum = 0;
  for (const [name, factors] of weights) {
    const data = (results[name] as Tensor).data as Float32Array;
    for (let i = 0; i < data.length; i++) sum += (data[i] as number) * (factors[i] as number);
  }
  return sum;
}

/** Slopes of the loss by each element, which is moved in place and put back. */
async function differences(elements: Float32Array, loss: () => Promise<number>): Promise<number[]> {
  const slopes: number[] = [];
  for (const [at, value] of elements.entries()) {
    const slope = async (step: number): Promise<number> => {
      elements[at] = value + step;
      const [above, upper] = [elements[at] as number, await loss()];
      elements[at] = value - step;
      const [below, lower] = [elements[at] as number, await loss()];
      elements[at] = value;
      return (upper - lower) / (above - below);
    };
    const [near, far] = [await slope(STEP), await slope(2 * STEP)];
    slopes.push((4 * near - far) / 3);
  }
  return slopes;
}

function relativeError(gradient: Float32Array, numeric: readonly number[]): number {
  const scale = Math.max(FLOOR, ...numeric.map(Math.abs));
  const errors = numeric.map((slope, at) => Math.abs((gradient[at] as number) - slope) / scale);
  return errors.some(Number.isNaN) || gradient.length !== numeric.length
    ? Number.POSITIVE_INFINITY
    : Math.max(0, ...errors);
}
