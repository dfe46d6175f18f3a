import { expect, test } from 'vitest';
import { StudioError } from '../../../../src/foundation/core/errors.ts';
import { differentiate } from '../../../../src/foundation/onnx/autodiff/differentiate.ts';
import type { GradientRule } from '../../../../src/foundation/onnx/autodiff/gradient-rule.ts';
import { GRADIENT_RULES } from '../../../../src/foundation/onnx/autodiff/rules/index.ts';
import { stopGradient } from '../../../../src/foundation/onnx/autodiff/stop-gradient.ts';
import type { Attribute } from '../../../../src/foundation/onnx/graph/graph.ts';
import { GraphBuilder } from '../../../../src/foundation/onnx/graph/graph-builder.ts';
import { inlineGraph } from '../../../../src/foundation/onnx/graph/inline-graph.ts';
import type { Value } from '../../../../src/foundation/onnx/graph/static-graph.ts';
import { float32, type Tensor } from '../../../../src/foundation/onnx/graph/tensor.ts';
import { evaluate, openSession } from '../../../../src/foundation/onnx/session/open-session.ts';

const sumOf = (builder: GraphBuilder, value: Value): Value => builder.sumTo(value, []);

/** The gradients at one point, as plain numbers. */
async function gradientsAt(
  builder: GraphBuilder,
  gradients: readonly Value[],
  feeds: Record<string, Tensor>,
): Promise<number[][]> {
  const results = await evaluate(builder.build([...new Set(gradients)]), feeds);
  return gradients.map(({ name }) => Array.from((results[name] as Tensor).data as Float32Array));
}

test('a value that is used twice gets the sum of both gradients', async () => {
  const builder = new GraphBuilder();
  const x = builder.input('x', 'float32', [2]);
  const loss = sumOf(builder, builder.add(builder.unary('Exp', x), builder.mul(x, builder.scalar(3))));
  const gradients = differentiate(builder, loss, [x]);
  const [slopes] = await gradientsAt(builder, gradients, { x: float32([2], [0, 1]) });
  expect(slopes![0]).toBeCloseTo(4, 5);
  expect(slopes![1]).toBeCloseTo(Math.E + 3, 5);
});

test('several outputs of one node each pass their gradient on', async () => {
  const builder = new GraphBuilder();
  const x = builder.input('x', 'float32', [3]);
  const part = (size: number) => ({ type: 'float32', dims: [size] }) as const;
  const [head, tail] = builder.nodeOf('Split', [x, builder.ints([1, 2])], [part(1), part(2)], { axis: 0 });
  const loss = builder.add(sumOf(builder, builder.mul(head!, builder.scalar(5))), sumOf(builder, tail!));
  const gradients = differentiate(builder, loss, [x]);
  expect(await gradientsAt(builder, gradients, { x: float32([3], [1, 2, 3]) })).toEqual([[5, 1, 1]]);
});

test('an intermediate value and what it is made from both get their gradients', async () => {
  const builder = new GraphBuilder();
  const x = builder.input('x', 'float32', [2]);
  const middle = builder.mul(x, builder.scalar(2));
  const loss = sumOf(builder, builder.mul(middle, middle));
  const gradients = differentiate(builder, loss, [middle, x]);
  const [byMiddle, byX] = await gradientsAt(builder, gradients, { x: float32([2], [1, 3]) });
  expect([byMiddle, byX]).toEqual([
    [4, 12],
    [8, 24],
  ]);
});

test('a value on which the loss does not depend has a gradient of zeros', async () => {
  const builder = new GraphBuilder();
  const x = builder.input('x', 'float32', [2]);
  const other = builder.input('other', 'float32', [1, 3]);
  const gradients = differentiate(builder, sumOf(builder, x), [other]);
  expect(gradients[0]).toMatchObject({ dims: [1, 3], type: 'float32' });
  const feeds = { x: float32([2], [1, 2]), other: float32([1, 3], [1, 2, 3]) };
  expect(await gradientsAt(builder, gradients, feeds)).toEqual([[0, 0, 0]]);
});

test('the loss has slope one by itself', async () => {
  const builder = new GraphBuilder();
  const x = builder.input('x', 'float32', []);
  expect(await gradientsAt(builder, differentiate(builder, x, [x]), { x: float32([], [7]) })).toEqual([[1]]);
});

test('nothing flows through a stopped gradient, also after the graph was copied under a prefix', async () => {
  const inner = new GraphBuilder();
  const y = inner.input('y', 'float32', [2]);
  inner.output(inner.mul(y, stopGradient(inner, inner.unary('Exp', y))));
  const builder = new GraphBuilder();
  const x = builder.input('x', 'float32', [2]);
  const [product] = inlineGraph(builder, inner.build(), { inputs: { y: x }, prefix: 'tower_' });
  const gradients = differentiate(builder, sumOf(builder, product!), [x]);
  const [slopes] = await gradientsAt(builder, gradients, { x: float32([2], [0, 1]) });
  expect(slopes![0]).toBeCloseTo(1, 5);
  expect(slopes![1]).toBeCloseTo(Math.E, 5);
});

test('several stopped gradients live in one graph', () => {
  const builder = new GraphBuilder();
  const x = builder.input('x', 'float32', [2]);
  const names = [0, 1, 2].map(() => stopGradient(builder, x).name);
  expect(new Set(names).size).toBe(3);
});

test('integers and booleans carry no gradient', async () => {
  const builder = new GraphBuilder();
  const x = builder.input('x', 'float32', [3]);
  const positive = builder.cast(builder.greater(x, builder.scalar(0)), 'float32', 1);
  const gradients = differentiate(builder, sumOf(builder, builder.mul(x, positive)), [x]);
  expect(await gradientsAt(builder, gradients, { x: float32([3], [-1, 2, 3]) })).toEqual([[0, 1, 1]]);
});

test('only what the wanted gradients need is added', () => {
  const count = (wanted: 'x' | 'weight'): number => {
    const builder = new GraphBuilder();
    const values = { x: builder.input('x', 'float32', [2, 3]), weight: builder.input('weight', 'float32', [3, 3]) };
    const hidden = builder.unary('Tanh', builder.matMul(values.x, values.weight));
    const loss = sumOf(builder, builder.matMul(hidden, builder.input('head', 'float32', [3, 1])));
    const before = builder.nodes().length;
    differentiate(builder, loss, [values[wanted]]);
    return builder
      .nodes()
      .slice(before)
      .filter((node) => node.op === 'Gemm').length;
  };
  expect(count('weight')).toBe(2);
  expect(count('x')).toBe(2);
});

test('an operator without a rule is named with its node and the ways out', () => {
  const builder = new GraphBuilder();
  const x = builder.input('x', 'float32', [2, 2]);
  const determinant = builder.node('Det', [x], { type: 'float32', dims: [] });
  const error = errorOf(() => differentiate(builder, determinant, [x]));
  expect(error.code).toBe('invalid_model');
  expect(error.message).toBe(
    `The node Det "${determinant.name}" cannot be differentiated: there is no gradient rule for Det.`,
  );
  expect(error.hint).toContain('docs/guides/add-an-operator.md');
});

test('an operator without a rule does no harm where no gradient passes', () => {
  const builder = new GraphBuilder();
  const x = builder.input('x', 'float32', [2, 2]);
  const frozen = builder.input('frozen', 'float32', [2, 2]);
  const determinant = builder.node('Det', [frozen], { type: 'float32', dims: [] });
  expect(differentiate(builder, sumOf(builder, builder.mul(x, determinant)), [x])).toHaveLength(1);
});

test('control flow whose branches read a wanted value is refused, not passed over', () => {
  const builder = new GraphBuilder();
  const x = builder.input('x', 'float32', []);
  const condition = builder.input('condition', 'bool', []);
  const inner = { name: 'inner', op: 'Exp', domain: '', inputs: ['x'], outputs: ['y'], attributes: {} };
  const branch: Attribute = {
    kind: 'graph',
    value: { name: 'branch', nodes: [inner], initializers: new Map(), inputs: [], outputs: [] },
  };
  const attributes = { then_branch: branch, else_branch: branch };
  const chosen = builder.node('If', [condition], { type: 'float32', dims: [] }, attributes);
  expect(errorOf(() => differentiate(builder, chosen, [x])).message).toContain('there is no gradient rule for If');
});

test.each([
  'Gather',
  'GatherND',
])('the gradient of %s counts every copy of a row, however many threads add', async (op) => {
  const copies = 4096;
  const builder = new GraphBuilder();
  const x = builder.input('x', 'float32', [100, 64]);
  const places = builder.input('places', 'int64', op === 'Gather' ? [copies] : [copies, 1]);
  const rows = builder.node(op, [x, places], { type: 'float32', dims: [copies, 64] });
  const [gradient] = differentiate(builder, sumOf(builder, rows), [x]);
  const session = await openSession(builder.build([gradient!]), { threads: 4 });
  const data = BigInt64Array.from({ length: copies }, (_, at) => BigInt(at % 2));
  const feeds = { x: float32([100, 64], new Float32Array(6400)), places: { ...places, data } };
  for (let run = 0; run < 30; run++) {
    const results = await session.run(feeds);
    const counts = (results[gradient!.name] as Tensor).data as Float32Array;
    expect([...new Set(counts.subarray(0, 128))]).toEqual([copies / 2]);
  }
  await session.release();
});

test('a form that a rule does not cover is named with its node', () => {
  const builder = new GraphBuilder();
  const x = builder.input('x', 'float32', [3]);
  const padded = builder.node('Pad', [x, builder.ints([1, 1])], { type: 'float32', dims: [5] }, { mode: 'reflect' });
  const error = errorOf(() => differentiate(builder, sumOf(builder, padded), [x]));
  expect(error.message).toBe(`The node Pad "${padded.name}" cannot be differentiated: its mode is not constant.`);
});

test('a rule of one own makes a further operator differentiable', async () => {
  const builder = new GraphBuilder();
  const x = builder.input('x', 'float32', [2]);
  const celu: GradientRule = {
    op: 'Celu',
    gradient: (context) => [context.builder.mul(context.outputGradients[0]!, context.builder.scalar(2))],
  };
  const rules = new Map([...GRADIENT_RULES, ['Celu', celu]]);
  const gradients = differentiate(builder, sumOf(builder, builder.unary('Celu', x)), [x], rules);
  expect(await gradientsAt(builder, gradients, { x: float32([2], [1, 2]) })).toEqual([[2, 2]]);
});

test('a loss with dimensions, or a gradient by integers, is a fault of the caller', () => {
  const builder = new GraphBuilder();
  const x = builder.input('x', 'float32', [2]);
  const ids = builder.input('ids', 'int64', [2]);
  expect(() => differentiate(builder, x, [x])).toThrow('a loss is a floating-point scalar');
  expect(() => differentiate(builder, sumOf(builder, x), [ids])).toThrow('it has no gradient');
});

function errorOf(run: () => unknown): StudioError {
  try {
    run();
  } catch (error) {
    if (StudioError.isInstance(error)) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}
