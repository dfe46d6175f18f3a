import { createRandom } from '../../src/foundation/core/random.ts';
import type { StaticGraph } from '../../src/foundation/onnx/graph/static-graph.ts';
import { float32, type Tensor } from '../../src/foundation/onnx/graph/tensor.ts';
import { openSession, type Session } from '../../src/foundation/onnx/session/open-session.ts';
import type { DifferentiatedEncoder } from './encoder-gradients.ts';

export interface DirectionalErrors {
  /** Relative error of the slope along a direction that moves all weights at once. */
  readonly together: number;
  /** The worst relative error of the slope along a direction that moves one weight, and that weight's name. */
  readonly worst: number;
  readonly worstWeight: string;
  /** How many weights were moved by themselves. */
  readonly weights: number;
}

type Vectors = ReadonlyMap<string, Float32Array>;

/**
 * Compares slopes of the loss along directions with central differences. A direction is half the gradient itself (which
 * shows anything in it that should not be there) and half random (which shows what is missing). Weights whose gradient
 * is below a millionth of the largest, such as a bias that softmax cancels, are left out: their slope is rounding.
 *
 * @param singly how many weights, spread evenly, are also moved by themselves; default all
 */
export async function directionalErrors(
  encoder: DifferentiatedEncoder,
  singly = Number.POSITIVE_INFINITY,
): Promise<DirectionalErrors> {
  const gradients = await gradientsOf(encoder);
  const forward = await openSession(encoder.forward);
  try {
    const { next } = createRandom(11);
    const directions = new Map(Array.from(gradients, ([name, gradient]) => [name, directionOf(gradient, next)]));
    const errorAlong = (names: readonly string[]): Promise<number> =>
      errorOf(forward, encoder, gradients, new Map(names.map((name) => [name, directions.get(name) as Float32Array])));
    const moved = [...directions.keys()];
    const together = await errorAlong(moved);
    let [worst, worstWeight] = [0, ''];
    const every = Math.max(1, moved.length / singly);
    const chosen = moved.filter((_, at) => Math.floor(at / every) !== Math.floor((at - 1) / every));
    for (const name of chosen) {
      const error = await errorAlong([name]);
      if (error > worst) [worst, worstWeight] = [error, name];
    }
    return { together, worst, worstWeight, weights: chosen.length };
  } finally {
    await forward.release();
  }
}

async function gradientsOf(encoder: DifferentiatedEncoder): Promise<Vectors> {
  const session = await openSession(encoder.backward);
  const results = await session.run(encoder.feeds);
  await session.release();
  const gradients = Array.from(encoder.gradients, ([weight, name]): [string, Float32Array] => [
    weight,
    (results[name] as Tensor).data as Float32Array,
  ]);
  const largest = Math.max(...gradients.map(([, gradient]) => norm(gradient)));
  return new Map(gradients.filter(([, gradient]) => norm(gradient) > 1e-6 * largest));
}

/**
 * The relative error along one direction. A step is so wide that the loss changes by a part of its spread. Smooth
 * encoders: two wide steps, extrapolated. Those with kinks: a mean over small steps, which few elements cross a kink in.
 */
async function errorOf(
  forward: Session,
  encoder: DifferentiatedEncoder,
  gradients: Vectors,
  direction: Vectors,
): Promise<number> {
  const slope = Array.from(direction).reduce(
    (sum, [name, towards]) => sum + dot(gradients.get(name) as Float32Array, towards),
    0,
  );
  const unit = (await spread(forward, encoder)) / Math.abs(slope);
  const at = (width: number): Promise<Slopes> => slopesAt(forward, encoder, gradients, direction, width * unit);
  if (!hasKinks(encoder.forward)) {
    const [near, far] = [await at(0.03), await at(0.06)];
    const numeric = (4 * near.numeric - far.numeric) / 3;
    return Math.abs((4 * near.expected - far.expected) / 3 - numeric) / Math.abs(numeric);
  }
  const slopes: Slopes[] = [];
  for (let part = 1; part <= PARTS; part++) slopes.push(await at(SMALL * (0.5 + part / PARTS)));
  const numeric = slopes.reduce((sum, one) => sum + one.numeric, 0);
  return Math.abs(slopes.reduce((sum, one) => sum + one.expected, 0) - numeric) / Math.abs(numeric);
}

const PARTS = 8;
const SMALL = 0.002;

const hasKinks = ({ nodes }: StaticGraph): boolean => nodes.some(({ op }) => ['Relu', 'Clip', 'MaxPool'].includes(op));

interface Slopes {
  readonly numeric: number;
  readonly expected: number;
}

/** Central difference, and what the gradient says for the weights as single precision rounds them. */
async function slopesAt(
  forward: Session,
  encoder: DifferentiatedEncoder,
  gradients: Vectors,
  direction: Vectors,
  width: number,
): Promise<Slopes> {
  const [above, below] = [moved(encoder, direction, width), moved(encoder, direction, -width)];
  const change = (await lossAt(forward, encoder, above)) - (await lossAt(forward, encoder, below));
  let expected = 0;
  for (const [name, upper] of above) {
    const [gradient, lower] = [gradients.get(name) as Float32Array, below.get(name) as Float32Array];
    for (let at = 0; at < upper.length; at++) {
      expected += (gradient[at] as number) * ((upper[at] as number) - (lower[at] as number));
    }
  }
  return { numeric: change / (2 * width), expected: expected / (2 * width) };
}

const moved = ({ feeds }: DifferentiatedEncoder, direction: Vectors, step: number): Vectors =>
  new Map(
    Array.from(direction, ([name, towards]) => {
      const weight = (feeds[name] as Tensor).data as Float32Array;
      return [name, weight.map((value, at) => value + step * (towards[at] as number))];
    }),
  );

/** The loss, summed in double precision. */
async function lossAt(forward: Session, { feeds, factors }: DifferentiatedEncoder, weights: Vectors): Promise<number> {
  const there = Array.from(weights, ([name, data]) => [name, float32((feeds[name] as Tensor).dims, data)]);
  const results = await forward.run({ ...feeds, ...Object.fromEntries(there) }, [...factors.keys()]);
  return Array.from(factors).reduce(
    (sum, [name, factor]) => sum + dot((results[name] as Tensor).data as Float32Array, factor),
    0,
  );
}

/** How far the loss, a sum of the outputs with random factors, may lie from zero. */
async function spread(forward: Session, { feeds, factors }: DifferentiatedEncoder): Promise<number> {
  const results = await forward.run(feeds, [...factors.keys()]);
  return Math.hypot(...Object.values(results).map(({ data }) => norm(data as Float32Array))) / Math.sqrt(3);
}

function directionOf(gradient: Float32Array, next: () => number): Float32Array {
  const random = Float32Array.from(gradient, () => next() * 2 - 1);
  const [own, other] = [norm(gradient), norm(random)];
  return random.map((value, at) => value / other + (gradient[at] as number) / own);
}

const dot = (left: Float32Array, right: Float32Array): number => {
  let sum = 0;
  for (let at = 0; at < left.length; at++) sum += (left[at] as number) * (right[at] as number);
  return sum;
};

const norm = (vector: Float32Array): number => Math.sqrt(dot(vector, vector));
