import { createInterface } from 'node:readline';
import { GraphBuilder } from '../../../src/foundation/onnx/graph/graph-builder.ts';
import { float32, type Tensor } from '../../../src/foundation/onnx/graph/tensor.ts';
import { createOptimizer } from '../../../src/foundation/onnx/optimizers/create-optimizer.ts';
import { ParameterStore } from '../../../src/foundation/onnx/optimizers/parameter-store.ts';
import { openSession } from '../../../src/foundation/onnx/session/open-session.ts';
import { bindWeights } from '../../../src/learning/training/step/bound-weights.ts';
import { compileStep, trainingSession } from '../../../src/learning/training/step/compile-step.ts';
import type { Feeds, TrainingCase } from './training-case.ts';

export interface TimedSteps {
  readonly steps: ReadonlyArray<{ readonly milliseconds: number; readonly loss: number }>;
  readonly peakBytes: number;
}

export interface StepFigures {
  readonly saidBytes: number;
  readonly activationBytes: number;
  readonly keptBytes: number;
}

/**
 * Answers lines of the standard input: a number makes so many steps and tells their times, `forward` times the forward pass
 * alone, `figures` tells what was said beforehand about memory, `gemm` the rate of matrix products.
 */
export async function serveSteps(one: TrainingCase, threads: number): Promise<void> {
  const { builder, loss, trainable, batches } = one;
  const store = new ParameterStore();
  const step = await compileStep({ builder, loss, store, trainable, threads });
  const optimizer = createOptimizer(store, { kind: 'adamw', learningRate: 1e-5, weightDecay: 0.01 });
  let done = 0;
  const answers: Readonly<Record<string, () => unknown>> = {
    figures: () => ({
      saidBytes: step.memoryBytes + store.memoryBytes,
      activationBytes: step.peakBytes,
      keptBytes: step.keptBytes,
    }),
    forward: () => forwardTime(one, store, threads),
    gemm: () => gemmRate(threads),
  };
  const steps = async (count: number): Promise<TimedSteps> => {
    const timed = [];
    for (let made = 0; made < count; made++) {
      const began = performance.now();
      const { loss } = await step.run(batches[done % batches.length] as Feeds);
      optimizer.apply(done++);
      timed.push({ milliseconds: performance.now() - began, loss });
    }
    return { steps: timed, peakBytes: process.resourceUsage().maxRSS * 1024 };
  };
  for await (const line of createInterface({ input: process.stdin })) {
    console.log(JSON.stringify(await (answers[line]?.() ?? steps(Number(line)))));
  }
}

async function forwardTime(
  { builder, loss, trainable, batches }: TrainingCase,
  store: ParameterStore,
  threads: number,
) {
  const weights = bindWeights(builder, store, trainable);
  const session = await openSession(weights.builder.build([loss]), trainingSession({ threads }));
  const asked = new Set(session.inputs);
  const times = await sortedTimes(10, () => session.run(weights.feeds(batches[0] as Feeds, asked)));
  await session.release();
  return { milliseconds: times[times.length >> 1] };
}

/** Of the products of the encoder's feed-forward layers, the larger part of its arithmetic; the fastest of many. */
async function gemmRate(threads: number): Promise<{ gflops: number }> {
  const [rows, inner, columns] = [1024, 384, 1536];
  const builder = new GraphBuilder();
  const left = builder.input('left', 'float32', [rows, inner]);
  const right = builder.input('right', 'float32', [inner, columns]);
  const result = { type: 'float32', dims: [rows, columns] } as const;
  const product = builder.node('Gemm', [left, right], result);
  const session = await openSession(builder.build([product]), trainingSession({ threads }));
  const filled = (dims: number[], count: number): Tensor => float32(dims, new Float32Array(count).fill(0.5));
  const feeds = { left: filled([rows, inner], rows * inner), right: filled([inner, columns], inner * columns) };
  const into = { [product.name]: filled([rows, columns], rows * columns) };
  const [milliseconds = 0] = await sortedTimes(60, () => session.run(feeds, into));
  await session.release();
  return { gflops: (2 * rows * inner * columns) / milliseconds / 1e6 };
}

async function sortedTimes(runs: number, run: () => Promise<unknown>): Promise<number[]> {
  const times: number[] = [];
  for (let count = 0; count < runs; count++) {
    const began = performance.now();
    await run();
    times.push(performance.now() - began);
  }
  return times.sort((left, right) => left - right);
}
