/**
 * One AdamW step three ways: this package's WebAssembly kernel, a plain loop, and nodes of an ONNX graph.
 *   node bench/optimizer-speed.ts [--rounds 21]
 * Sizes: the 384² adapter, and the dense weights of all-MiniLM-L6-v2. Medians of interleaved rounds.
 */
import { parseArgs } from 'node:util';
import { table } from '../demo/table.ts';
import { GraphBuilder } from '../src/foundation/onnx/graph/graph-builder.ts';
import type { Value } from '../src/foundation/onnx/graph/static-graph.ts';
import { float32 } from '../src/foundation/onnx/graph/tensor.ts';
import { createOptimizer } from '../src/foundation/onnx/optimizers/create-optimizer.ts';
import { ParameterStore } from '../src/foundation/onnx/optimizers/parameter-store.ts';
import { openSession } from '../src/foundation/onnx/session/open-session.ts';

const { values: options } = parseArgs({ options: { rounds: { type: 'string', default: '21' } } });
const rounds = Number(options.rounds);
const [RATE, DECAY, BETA1, BETA2, EPSILON] = [1e-4, 0.01, 0.9, 0.999, 1e-8];

const rows: string[][] = [];
for (const [title, size] of [
  ['adapter, 147,456 weights', 384 * 384],
  ['MiniLM without its table, 10.6 M', 10_600_000],
] as const) {
  const store = new ParameterStore();
  store.add('w', float32([size], new Float32Array(size).fill(0.1)));
  const optimizer = createOptimizer(store, { kind: 'adamw', learningRate: RATE, weightDecay: DECAY });
  const parameter = store.parameter('w');
  const { value, gradient, firstMoment, secondMoment } = parameter.view;
  gradient.fill(0.01);
  const arrays = { w: value, g: gradient, m: firstMoment, v: secondMoment };
  const tensors = Object.fromEntries(Object.entries(arrays).map(([name, data]) => [name, float32([size], data)]));
  const graphs = new Map<string, () => Promise<unknown>>();
  for (const threads of [1, 2]) {
    const { builder, results } = adamwGraph(size);
    const session = await openSession(builder.build(results), { threads, spinning: true });
    const [w, m, v] = results.map(({ name }) => name) as [string, string, string];
    const into = Object.fromEntries(
      [
        [w, tensors.w],
        [m, tensors.m],
        [v, tensors.v],
      ].map(([name, tensor]) => [name, tensor]),
    );
    graphs.set(`ONNX nodes, ${threads} threads`, () => session.run(tensors, into));
  }
  let step = 0;
  const ways = new Map<string, () => unknown>([
    [
      'kernel',
      () => {
        store.gradientWritten(parameter, 'gradient');
        store.batches++;
        optimizer.apply(step++);
      },
    ],
    ['plain loop', () => plainLoop(value, gradient, firstMoment, secondMoment)],
    ...graphs,
  ]);
  const times = new Map([...ways.keys()].map((name) => [name, [] as number[]]));
  for (let round = -2; round < rounds; round++) {
    for (const [name, run] of ways) {
      const began = performance.now();
      await run();
      if (round >= 0) times.get(name)?.push(performance.now() - began);
    }
  }
  rows.push([
    title,
    ...[...times.values()].map((list) => (list.sort((a, b) => a - b)[rounds >> 1] as number).toFixed(2)),
  ]);
}
console.log(table(['ms', 'kernel, with norm', 'plain loop', 'ONNX nodes, 1 thread', '2 threads'], rows));

function plainLoop(w: Float32Array, g: Float32Array, m: Float32Array, v: Float32Array): void {
  for (let i = 0; i < w.length; i++) {
    const gradient = g[i] as number;
    const first = (m[i] as number) + (1 - BETA1) * (gradient - (m[i] as number));
    const second = BETA2 * (v[i] as number) + (1 - BETA2) * gradient * gradient;
    m[i] = first;
    v[i] = second;
    w[i] = (w[i] as number) * (1 - RATE * DECAY) - (RATE * first) / (Math.sqrt(second) + EPSILON);
  }
}

function adamwGraph(size: number): { builder: GraphBuilder; results: Value[] } {
  const builder = new GraphBuilder();
  const [w, g, m, v] = ['w', 'g', 'm', 'v'].map((name) => builder.input(name, 'float32', [size])) as [
    Value,
    Value,
    Value,
    Value,
  ];
  const times = (value: Value, factor: number): Value => builder.mul(value, builder.scalar(factor));
  const first = builder.add(times(m, BETA1), times(g, 1 - BETA1));
  const second = builder.add(times(v, BETA2), times(builder.mul(g, g), 1 - BETA2));
  const denominator = builder.add(builder.unary('Sqrt', second), builder.scalar(EPSILON));
  const moved = builder.sub(times(w, 1 - RATE * DECAY), builder.div(times(first, RATE), denominator));
  return { builder, results: [moved, first, second] };
}
