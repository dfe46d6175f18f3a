/**
 * Speed and memory of training steps beside PyTorch: medians of interleaved rounds, each engine with 1 thread and with all.
 *   python3 -m venv venv && venv/bin/pip install torch transformers numpy
 *   PYTHON=venv/bin/python node bench/training-speed.ts [--rounds 7] [--cases adapter,minilm-rows,…] [--minilm <folder>]
 * Without such a Python only the product's own side is measured. Leave the machine alone meanwhile: a second busy
 * process lets PyTorch's threads wait for each other.
 */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { table } from '../demo/table.ts';
import { sharedFolder } from '../test/support/shared.ts';
import { adapterCase } from './support/training/adapter-case.ts';
import { countFlops } from './support/training/count-flops.ts';
import { encoderCase } from './support/training/encoder-case.ts';
import { LineProcess } from './support/training/line-process.ts';
import { type StepFigures, serveSteps, type TimedSteps } from './support/training/serve-steps.ts';
import type { TrainingCase } from './support/training/training-case.ts';
import { writePeerCase } from './support/training/write-peer-case.ts';

const shared = sharedFolder();
const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '7' },
    cases: { type: 'string', default: '' },
    minilm: { type: 'string', default: shared === null ? '' : join(shared, 'models', 'minilm') },
    // The measured side, which this command starts itself.
    serve: { type: 'string', default: '' },
    threads: { type: 'string', default: '1' },
  },
});
const starter = fileURLToPath(new URL('../models/starter', import.meta.url));
const { minilm } = options;

const CASES: Readonly<
  Record<string, { title: string; folder: string; make: () => TrainingCase | Promise<TrainingCase> }>
> = {
  adapter: { title: 'adapter 384², 256 pairs', folder: starter, make: adapterCase },
  'minilm-rows': {
    title: 'MiniLM, 32 × 32 tokens',
    folder: minilm,
    make: () => encoderCase({ folder: minilm, towers: { rows: 32 }, tokens: 32, batches: 16 }),
  },
  'minilm-pairs': {
    title: 'MiniLM, (64 + 128) × 10 tokens',
    folder: minilm,
    make: () => encoderCase({ folder: minilm, towers: { queries: 64, items: 128 }, tokens: 10, batches: 16 }),
  },
  'starter-rows': {
    title: 'starter, 32 × 32 tokens',
    folder: starter,
    make: () => encoderCase({ folder: starter, towers: { rows: 32 }, tokens: 32, batches: 16 }),
  },
  'starter-pairs': {
    title: 'starter, (64 + 128) × 10 tokens',
    folder: starter,
    make: () => encoderCase({ folder: starter, towers: { queries: 64, items: 128 }, tokens: 10, batches: 16 }),
  },
};

interface Engine {
  readonly name: 'this' | 'PyTorch fp32' | 'PyTorch bf16';
  readonly threads: number;
  readonly process: LineProcess;
  readonly times: number[];
  peakBytes: number;
  /** Of the first step: both sides have computed the same. */
  firstLoss: number;
}

if (options.serve !== '') {
  await serveSteps(await (CASES[options.serve] as { make: () => TrainingCase }).make(), Number(options.threads));
} else await compare();

async function compare(): Promise<void> {
  const python = process.env.PYTHON ?? 'python3';
  const torch = hasTorch(python);
  if (!torch) console.log('skipped: no PYTHON with torch and transformers\n');
  const chosen = options.cases === '' ? Object.keys(CASES) : options.cases.split(',');
  const speed: string[][] = [];
  const limits: string[][] = [];
  for (const name of chosen) {
    const one = CASES[name];
    if (one === undefined) throw new Error(`there is no case "${name}"; there are ${Object.keys(CASES).join(', ')}`);
    if (!existsSync(one.folder)) {
      console.log(`skipped: ${one.title}, no model folder (--minilm)`);
      continue;
    }
    const measured = await measure(name, torch ? python : null);
    speed.push(...measured.speed.map((row) => [one.title, ...row]));
    limits.push([one.title, ...measured.limits]);
    // For those who wait.
    console.error(
      [...speed.slice(-measured.speed.length), limits.at(-1) ?? []].map((row) => row.join(' | ')).join('\n'),
    );
  }
  console.log(table(['step', 'engine', 'threads', 'ms', 'quartiles', '× fp32', 'peak MB', 'first loss'], speed));
  console.log();
  console.log(
    table(
      ['step', 'forward', 'activations MB', 'of all kept', 'said MB', 'GFLOP', 'GFLOP/s this', 'PyTorch', 'limit ms'],
      limits,
    ),
  );
}

async function measure(name: string, python: string | null): Promise<{ speed: string[][]; limits: string[] }> {
  const folder = await mkdtemp(join(tmpdir(), 'training-speed-'));
  const made = await (CASES[name] as { make: () => Promise<TrainingCase> }).make();
  await writePeerCase(folder, made.peer);
  const flops = countFlops(made).step;
  const cores = availableParallelism();
  const threadCounts = cores === 1 ? [1] : [1, cores];
  const engines: Engine[] = threadCounts.flatMap((threads) => [
    engine('this', threads, process.execPath, [fileURLToPath(import.meta.url), '--serve', name, '--minilm', minilm]),
    ...(python === null
      ? []
      : [engine('PyTorch fp32', threads, python, [folder]), engine('PyTorch bf16', threads, python, [folder])]),
  ]);
  const each = name === 'adapter' ? 40 : 3;
  for (let round = -1; round < Number(options.rounds); round++) {
    for (const one of engines) {
      const { steps, peakBytes } = await one.process.ask<TimedSteps>(String(each));
      if (round < 0) one.firstLoss = steps[0]?.loss ?? Number.NaN;
      else one.times.push(...steps.map(({ milliseconds }) => milliseconds));
      one.peakBytes = peakBytes;
    }
  }
  const best = (kind: Engine['name']): Engine | undefined =>
    engines.filter((one) => one.name === kind).sort((left, right) => median(left.times) - median(right.times))[0];
  const ours = best('this') as Engine;
  const theirs = best('PyTorch fp32');
  const figures = await ours.process.ask<StepFigures>('figures');
  const forward = await ours.process.ask<{ milliseconds: number }>('forward');
  const rate = await ours.process.ask<{ gflops: number }>('gemm');
  const otherRate = theirs === undefined ? null : await theirs.process.ask<{ gflops: number }>('gemm');
  for (const one of engines) await one.process.stop();
  await rm(folder, { recursive: true, force: true });
  return {
    speed: [ours, theirs, best('PyTorch bf16')].flatMap((one) => (one === undefined ? [] : [speedRow(one, theirs)])),
    limits: [
      percent(forward.milliseconds / median(ours.times)),
      megabytes(figures.activationBytes),
      percent(figures.activationBytes / figures.keptBytes),
      megabytes(figures.saidBytes),
      (flops / 1e9).toFixed(1),
      rate.gflops.toFixed(0),
      otherRate?.gflops.toFixed(0) ?? '',
      (flops / 1e6 / Math.max(rate.gflops, otherRate?.gflops ?? 0)).toFixed(1),
    ],
  };
}

function engine(name: Engine['name'], threads: number, command: string, args: readonly string[]): Engine {
  const peer = fileURLToPath(new URL('./peers/train-speed.py', import.meta.url));
  const ours = name === 'this';
  const precision = name === 'PyTorch bf16' ? 'bfloat16' : 'float32';
  const all = ours ? [...args, '--threads', String(threads)] : [peer, ...args, String(threads), precision];
  // Settings for another library's kernels would slow PyTorch's down.
  const { OPENBLAS_CORETYPE: _core, OPENBLAS_L2_SIZE: _cache, ...environment } = process.env;
  const started = new LineProcess(command, all, environment);
  return { name, threads, process: started, times: [], peakBytes: 0, firstLoss: Number.NaN };
}

function speedRow({ name, threads, times, peakBytes, firstLoss }: Engine, reference: Engine | undefined): string[] {
  const sorted = [...times].sort((left, right) => left - right);
  const quartile = (part: number): string => (sorted[Math.floor(part * (sorted.length - 1))] as number).toFixed(1);
  const relative = reference === undefined ? '' : (median(times) / median(reference.times)).toFixed(2);
  return [
    name,
    String(threads),
    median(times).toFixed(1),
    `${quartile(0.25)}-${quartile(0.75)}`,
    relative,
    megabytes(peakBytes),
    firstLoss.toPrecision(5),
  ];
}

function median(times: readonly number[]): number {
  return [...times].sort((left, right) => left - right)[times.length >> 1] as number;
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(0);
}

function percent(share: number): string {
  return `${(share * 100).toFixed(0)} %`;
}

function hasTorch(python: string): boolean {
  try {
    execFileSync(python, ['-c', 'import torch, transformers, numpy'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
