import { execFileSync } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { createRandom } from '../../../src/foundation/core/random.ts';
import type { Model } from '../../../src/foundation/onnx/graph/graph.ts';
import type { Tensor } from '../../../src/foundation/onnx/graph/tensor.ts';
import { mean } from '../../../src/learning/evaluation/metrics.ts';
import { objectivesOf } from '../../../src/learning/training/recipes/objectives-of.ts';
import { recipeDefaults } from '../../../src/learning/training/recipes/recipe.ts';
import { FrozenEncoder } from '../../../src/learning/training/sources/frozen-encoder.ts';
import { loadEncoder } from '../../../src/learning/training/sources/load-encoder.ts';
import { factoriseTable } from '../../../src/learning/training/students/factorise-table.ts';
import { keepLayers } from '../../../src/learning/training/students/keep-layers.ts';
import { encoderTrainee } from '../../../src/learning/training/trainables/encoder-trainee.ts';
import { peerWeights } from '../training/open-encoder.ts';
import type { PeerWeight } from '../training/training-case.ts';
import { writePeerCase } from '../training/write-peer-case.ts';
import { runTraining, workFile } from './run-training.ts';
import { stsbSpearman } from './stsb.ts';

const LAYERS = [0, 2, 5];
const TABLE_RANK = 128;
const TEXTS = 20_000;
const CHANGED = { steps: 100, batch: 64, learningRate: 4e-4 };

/**
 * MiniLM into three layers with a factorised table, as the starter was made: its loss, what it is worth on STS-B, and how far
 * its curve is from PyTorch's on the same batches.
 */
export async function measureDistillation(teacher: string, shared: string, seeds: number): Promise<string[][]> {
  const texts = await readTexts(shared);
  const file = await workFile('texts.txt');
  await writeFile(file, texts.join('\n'));
  const rows: string[][] = [];
  for (let seed = 1; seed <= seeds; seed++) {
    const options = (steps: number): string[] => [
      ...['--model', teacher, '--distill', teacher, '--texts', file, '--seed', String(seed)],
      ...['--keep-layers', LAYERS.join(','), '--table-rank', String(TABLE_RANK), '--batch', String(CHANGED.batch)],
      ...['--steps', String(steps), '--learning-rate', String(CHANGED.learningRate)],
    ];
    // One step, whose learning rate is 0: the student as it begins.
    const untrained = await runTraining(options(1));
    const run = await runTraining(options(CHANGED.steps));
    rows.push([
      `seed ${seed}`,
      (run.losses[0] as number).toFixed(4),
      mean(run.losses.slice(-10)).toFixed(4),
      (await stsbSpearman(untrained.folder, shared)).toFixed(3),
      (await stsbSpearman(run.folder, shared)).toFixed(3),
      await peerDifference(teacher, texts, seed, run.losses),
      `${run.seconds.toFixed(0)} s`,
    ]);
    console.error(`distillation, ${rows.at(-1)?.join('  ')}`);
  }
  return rows;
}

/** Largest relative difference of the two curves: in the first ten steps, and in all of them. */
async function peerDifference(
  teacher: string,
  texts: readonly string[],
  seed: number,
  losses: readonly number[],
): Promise<string> {
  const python = process.env.PYTHON ?? 'python3';
  try {
    execFileSync(python, ['-c', 'import torch, transformers'], { stdio: 'ignore' });
  } catch {
    return 'skipped: no PYTHON with torch and transformers';
  }
  const folder = await workFile(`distil-${seed}`);
  await mkdir(folder, { recursive: true });
  await writeCase(folder, teacher, texts, seed);
  const script = fileURLToPath(new URL('../../peers/distil.py', import.meta.url));
  const answer = execFileSync(python, [script, folder, String(availableParallelism())], { maxBuffer: 1e8 });
  const theirs = JSON.parse(answer.toString()) as number[];
  const differences = theirs.map((loss, step) => Math.abs(loss - (losses[step] as number)) / loss);
  return `${Math.max(...differences.slice(0, 10)).toExponential(1)}, ${Math.max(...differences).toExponential(1)}`;
}

/** The student and the batches that the command line trains it with. */
async function writeCase(folder: string, teacher: string, texts: readonly string[], seed: number): Promise<void> {
  const loaded = await loadEncoder(teacher);
  const encoder = { ...loaded, model: factoriseTable(keepLayers(loaded.model, LAYERS), TABLE_RANK) };
  const settings = { ...recipeDefaults('encoder'), ...CHANGED, seed };
  const frozen = new FrozenEncoder(teacher);
  const { training } = await objectivesOf(
    { kind: 'texts', texts, teacher },
    { encoder, frozen, teacher: frozen, trainee: encoderTrainee(encoder), settings, heldOut: 0 },
  );
  const planned = training.batches();
  const batches: Array<Readonly<Record<string, Tensor>>> = [];
  while (batches.length < CHANGED.steps) batches.push(await planned.next().value.feeds());
  await frozen.close();
  const { weightDecay, clipNorm, learningRate, steps, warmUp } = settings;
  await writePeerCase(folder, {
    settings: {
      model: 'bert',
      temperature: 1,
      weightDecay,
      clipNorm,
      learningRate,
      steps,
      warmUpSteps: warmUp * steps,
    },
    weights: studentWeights(encoder.model),
    batches,
  });
}

/** The factorised table under the names of an embedding and a linear layer. */
function studentWeights(model: Model): PeerWeight[] {
  const parts = { '.components': 'emb.weight', '.axes': 'proj.weight', '.mean': 'proj.bias' };
  const table: PeerWeight[] = [];
  const others = new Map(model.graph.initializers);
  for (const [ours, tensor] of model.graph.initializers) {
    for (const [ending, name] of Object.entries(parts)) {
      if (!ours.endsWith(ending)) continue;
      table.push({ name, ours, tensor, transposed: ending === '.axes' });
      others.delete(ours);
    }
  }
  // The kept layers bear the numbers that they had; their own model would count from 0.
  const renumbered = (name: string): string =>
    name.replace(/layer\.(\d+)\./, (_, layer) => `layer.${LAYERS.indexOf(Number(layer))}.`);
  const layers = peerWeights({ ...model, graph: { ...model.graph, initializers: others } });
  return [...table, ...layers.map((weight) => ({ ...weight, name: renumbered(weight.name) }))];
}

/** Titles of artworks and of products, and names of categories. */
async function readTexts(shared: string): Promise<string[]> {
  const lines = async (path: string): Promise<Array<{ title?: string }>> =>
    gunzipSync(await readFile(join(shared, 'data', path)))
      .toString()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
  const taxonomy = await readFile(join(shared, 'data', 'taxonomy', 'taxonomy-with-ids.en-US.txt'), 'utf8');
  const titles = [...(await lines('tate/artworks.jsonl.gz')), ...(await lines('icecat/items.jsonl.gz'))];
  const texts = [
    ...titles.flatMap(({ title }) => title ?? []),
    ...taxonomy.split('\n').map((line) => line.replace(/^\d+ - /, '')),
  ].map((text) => text.replaceAll(/\s+/g, ' ').trim());
  return createRandom(1)
    .shuffle([...new Set(texts)].filter((text) => text.length > 3 && !text.startsWith('{')))
    .slice(0, TEXTS);
}
