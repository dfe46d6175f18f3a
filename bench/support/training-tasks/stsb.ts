import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gain, level } from '../../../demo/table.ts';
import { dot } from '../../../src/foundation/core/math.ts';
import { createRandom } from '../../../src/foundation/core/random.ts';
import type { Interval } from '../../../src/learning/evaluation/bootstrap.ts';
import { mean } from '../../../src/learning/evaluation/metrics.ts';
import { spearman as correlation } from '../rank-correlation.ts';
import { vectorsOf } from './dense-quality.ts';
import { runTraining, workFile } from './run-training.ts';

const spearman = (left: readonly number[], right: readonly number[]): number => correlation(left, right) ?? 0;

interface Sentences {
  readonly left: string;
  readonly right: string;
  readonly score: number;
}

async function readSentences(shared: string, part: 'train' | 'test'): Promise<Sentences[]> {
  const text = await readFile(join(shared, 'data', 'stsb', `sts-${part}.csv`), 'utf8');
  return text
    .trim()
    .split('\n')
    .map((line) => line.split('\t'))
    .map((cells) => ({ score: Number(cells[4]), left: cells[5] as string, right: (cells[6] as string).trim() }));
}

async function cosinesOf(folder: string, rows: readonly Sentences[]): Promise<number[]> {
  const left = await vectorsOf(
    folder,
    rows.map((row) => row.left),
    'item',
  );
  const right = await vectorsOf(
    folder,
    rows.map((row) => row.right),
    'item',
  );
  return left.map((vector, at) => dot(vector, right[at] as Float32Array));
}

/** Spearman's correlation of a model's cosines on the test part. */
export async function stsbSpearman(folder: string, shared: string): Promise<number> {
  const test = await readSentences(shared, 'test');
  return spearman(
    await cosinesOf(folder, test),
    test.map(({ score }) => score),
  );
}

/** Spearman's correlation on the test part, before and after training on the train part. */
export async function measureStsb(
  name: string,
  model: string,
  options: readonly string[],
  shared: string,
  seeds: number,
): Promise<string[]> {
  const test = await readSentences(shared, 'test');
  const file = await workFile('stsb-train.tsv');
  const train = await readSentences(shared, 'train');
  await writeFile(file, train.map(({ left, right, score }) => [left, right, score / 5].join('\t')).join('\n'));
  const scores = test.map(({ score }) => score);
  const before = await cosinesOf(model, test);
  const runs: number[][] = [];
  const seconds: number[] = [];
  for (let seed = 1; seed <= seeds; seed++) {
    const run = await runTraining(['--model', model, '--scores', file, '--seed', String(seed), ...options]);
    runs.push(await cosinesOf(run.folder, test));
    seconds.push(run.seconds);
    console.error(
      `${name}, seed ${seed}: ${spearman(runs.at(-1) as number[], scores).toFixed(4)}, ${run.seconds.toFixed(0)} s`,
    );
  }
  const at = (chosen: readonly number[], cosines: readonly number[]): number =>
    spearman(
      chosen.map((row) => cosines[row] as number),
      chosen.map((row) => scores[row] as number),
    );
  const after = (chosen: readonly number[]): number => mean(runs.map((cosines) => at(chosen, cosines)));
  return [
    name,
    level(resampled(test.length, (chosen) => at(chosen, before))),
    level(resampled(test.length, after)),
    gain(resampled(test.length, (chosen) => after(chosen) - at(chosen, before))),
    runs.map((cosines) => spearman(cosines, scores).toFixed(3).replace(/^0/, '')).join(' '),
    `${mean(seconds).toFixed(0)} s`,
  ];
}

const RESAMPLES = 200;

/** Percentile bootstrap of a figure over resampled rows (Efron 1979). */
function resampled(rows: number, figure: (chosen: readonly number[]) => number): Interval {
  const random = createRandom(1);
  const all = Array.from({ length: rows }, (_, row) => row);
  const values = Array.from({ length: RESAMPLES }, () => figure(all.map(() => random.integer(rows)))).sort(
    (a, b) => a - b,
  );
  return {
    mean: figure(all),
    low: values[Math.floor(0.025 * RESAMPLES)] as number,
    high: values[Math.ceil(0.975 * RESAMPLES) - 1] as number,
  };
}
