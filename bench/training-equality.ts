/**
 * Training gives the same answer as PyTorch: loss curves of many steps and each weight's first gradient, from the same weights,
 * batches and settings (AdamW, warm-up and linear decay, clipping; fp32).
 *   python3 -m venv venv && venv/bin/pip install torch transformers numpy
 *   PYTHON=venv/bin/python node bench/training-equality.ts [--steps 50] [--minilm <folder>] [--starter]
 */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { table } from '../demo/table.ts';
import { createOptimizer } from '../src/foundation/onnx/optimizers/create-optimizer.ts';
import { ParameterStore } from '../src/foundation/onnx/optimizers/parameter-store.ts';
import { compileStep } from '../src/learning/training/step/compile-step.ts';
import { sharedFolder } from '../test/support/shared.ts';
import { encoderCase } from './support/training/encoder-case.ts';
import type { Feeds, TrainingCase } from './support/training/training-case.ts';
import { writePeerCase } from './support/training/write-peer-case.ts';

const LIMIT = 1e-3;
/** Gradients below this part of the whole one are zero but for rounding. */
const ZERO = 1e-6;
const shared = sharedFolder();
const { values: options } = parseArgs({
  options: {
    steps: { type: 'string', default: '50' },
    minilm: { type: 'string', default: shared === null ? '' : join(shared, 'models', 'minilm') },
    starter: { type: 'boolean', default: false },
  },
});
const steps = Number(options.steps);
const settings = {
  learningRate: 1e-4,
  weightDecay: 0.01,
  clipNorm: 1,
  schedule: 'linear',
  warmupSteps: 5,
  steps,
} as const;
const python = process.env.PYTHON ?? 'python3';
const folder = options.starter ? fileURLToPath(new URL('../models/starter', import.meta.url)) : options.minilm;

if (!existsSync(folder)) {
  console.log('skipped: no model folder (--minilm)');
  process.exit(0);
}
try {
  execFileSync(python, ['-c', 'import torch, transformers, numpy'], { stdio: 'ignore' });
} catch {
  console.log('skipped: no PYTHON with torch and transformers');
  process.exit(0);
}

const one = await encoderCase({ folder, towers: { queries: 32, items: 64 }, tokens: 10, batches: steps });
const ours = await train(one);
const theirs = await trainWithTorch(one);

const differences = ours.losses.map((loss, step) => Math.abs(loss / (theirs.losses[step] as number) - 1));
const shown = [0, 1, 4, 9, 24, 49].filter((step) => step < steps);
console.log(
  table(
    ['step', 'loss', 'PyTorch', 'relative difference'],
    shown.map((step) => [
      String(step + 1),
      ours.losses[step]?.toFixed(6) ?? '',
      theirs.losses[step]?.toFixed(6) ?? '',
      exponent(differences[step] as number),
    ]),
  ),
);
// A key's bias shifts all scores of a row alike, so its gradient is zero: what is left of it is rounding on both sides.
const all = Math.sqrt(theirs.gradients.reduce((sum, gradient) => sum + norm(gradient) ** 2, 0));
const gradients = one.peer.weights.map(({ ours: name }, place) => {
  const [left, right] = [ours.gradients[place] as Float32Array, theirs.gradients[place] as Float32Array];
  const apart = norm(left.map((value, i) => value - (right[i] as number)));
  return { name, size: norm(right), error: apart / norm(right), isZero: norm(right) < ZERO * all };
});
const nonzero = gradients.filter(({ isZero }) => !isZero).sort((left, right) => right.error - left.error);
console.log(
  `\nlargest relative difference of a loss: ${exponent(Math.max(...differences))} (limit ${exponent(LIMIT)})`,
);
console.log(`first gradients, relative L2, the largest of ${nonzero.length} weights (limit ${exponent(LIMIT)}):`);
console.log(
  table(
    ['weight', 'difference'],
    nonzero.slice(0, 5).map(({ name, error }) => [name, exponent(error)]),
  ),
);
const zeros = gradients.filter(({ isZero }) => isZero);
const largest = Math.max(0, ...zeros.map(({ size }) => size / all));
console.log(
  `${zeros.length} weights have no gradient but rounding (at most ${exponent(largest)} of the whole gradient)`,
);

interface Trained {
  readonly losses: readonly number[];
  readonly gradients: readonly Float32Array[];
}

async function train({ builder, loss, trainable, batches, peer }: TrainingCase): Promise<Trained> {
  const store = new ParameterStore();
  const step = await compileStep({ builder, loss, store, trainable });
  const { learningRate, weightDecay, clipNorm, warmupSteps } = settings;
  const schedule = { kind: settings.schedule, warmupSteps, totalSteps: steps };
  const optimizer = createOptimizer(store, { kind: 'adamw', learningRate, weightDecay, clipNorm, schedule });
  const losses: number[] = [];
  const gradients: Float32Array[] = [];
  for (let count = 0; count < steps; count++) {
    losses.push((await step.run(batches[count] as Feeds)).loss);
    if (count === 0)
      gradients.push(...peer.weights.map((weight) => store.parameter(weight.ours).view.gradient.slice()));
    optimizer.apply(count);
  }
  await step.dispose();
  return { losses, gradients };
}

async function trainWithTorch({ peer }: TrainingCase): Promise<Trained> {
  const exchange = await mkdtemp(join(tmpdir(), 'training-equality-'));
  await writePeerCase(exchange, peer);
  await writeFile(join(exchange, 'settings.json'), JSON.stringify(settings));
  const script = fileURLToPath(new URL('./peers/train-equality.py', import.meta.url));
  const { OPENBLAS_CORETYPE: _core, OPENBLAS_L2_SIZE: _cache, ...environment } = process.env;
  execFileSync(python, [script, exchange, join(exchange, 'settings.json'), exchange], {
    stdio: 'inherit',
    env: environment,
  });
  const losses = JSON.parse(await readFile(join(exchange, 'losses.json'), 'utf8')) as number[];
  const bytes = await readFile(join(exchange, 'gradients.bin'));
  await rm(exchange, { recursive: true, force: true });
  let offset = bytes.byteOffset;
  const gradients = peer.weights.map(({ tensor }) => {
    const gradient = new Float32Array(bytes.buffer, offset, tensor.data.length);
    offset += gradient.byteLength;
    return gradient;
  });
  return { losses, gradients };
}

function norm(values: Float32Array): number {
  return Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
}

function exponent(value: number): string {
  return value.toExponential(1);
}
