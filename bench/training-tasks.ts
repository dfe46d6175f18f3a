/**
 * Real tasks through the package's own command line, before and after:
 *   node bench/training-tasks.ts [--tasks tags,adapter,stsb,distill,pictures] [--models minilm,starter] [--seeds 3]
 *
 * `distill` compares its curve with PyTorch's on the same batches where there is one:
 *   python3 -m venv venv && venv/bin/pip install torch transformers onnx
 *   PYTHON=venv/bin/python node bench/training-tasks.ts --tasks distill
 */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { table } from '../demo/table.ts';
import { sharedFolder } from '../test/support/shared.ts';
import { measureDistillation } from './support/training-tasks/distillation.ts';
import { measurePictures } from './support/training-tasks/pictures.ts';
import { removeWork } from './support/training-tasks/run-training.ts';
import { measureStsb } from './support/training-tasks/stsb.ts';
import { measureTags } from './support/training-tasks/tags.ts';

const { values: options } = parseArgs({
  options: {
    tasks: { type: 'string', default: 'tags,adapter,stsb,distill,pictures' },
    models: { type: 'string', default: 'minilm,starter' },
    seeds: { type: 'string', default: '3' },
  },
});
const carried = (name: string): string => fileURLToPath(new URL(`../models/${name}`, import.meta.url));
const shared = sharedFolder();
const seeds = Number(options.seeds);
const tasks = new Set(options.tasks.split(','));
const models = options.models.split(',').flatMap((name) => {
  if (name === 'starter') return [{ name, folder: carried('starter') }];
  if (shared === null) console.log(`skipped: no ../shared (${name})`);
  return shared === null ? [] : [{ name, folder: join(shared, 'models', name) }];
});

const ENCODER = [
  '--steps',
  '100',
  '--batch',
  '64',
  '--items',
  '128',
  '--learning-rate',
  '1e-4',
  '--temperature',
  '.05',
];

try {
  if (tasks.has('tags')) {
    const rows: string[][] = [];
    for (const { name, folder } of models) {
      rows.push(await measureTags({ name: `${name}, encoder`, model: folder, options: ENCODER }, seeds));
    }
    print(['tags, dense nDCG@10 [95 %]', 'before', 'after', 'held-out gain', 'gain on trained queries', 'time'], rows);
  }
  if (tasks.has('adapter')) {
    const rows: string[][] = [];
    for (const { name, folder } of models) {
      const recipe = ['--recipe', 'adapter'];
      rows.push(
        await measureTags({ name: `${name}, query adapter`, model: folder, options: recipe, queriesOnly: true }, seeds),
      );
    }
    print(['tags, dense nDCG@10 [95 %]', 'before', 'after', 'held-out gain', 'gain on trained queries', 'time'], rows);
  }
  if (shared === null) console.log('skipped: no ../shared (stsb, distill, pictures)');
  else {
    if (tasks.has('stsb')) {
      const rows: string[][] = [];
      for (const { name, folder } of models) rows.push(await measureStsb(name, folder, [], shared, seeds));
      print(['STS-B test, Spearman [95 %]', 'before', 'after', 'gain', 'by seed', 'time'], rows);
    }
    if (tasks.has('distill')) {
      const rows = await measureDistillation(join(shared, 'models', 'minilm'), shared, seeds);
      print(
        [
          'MiniLM → 3 layers, table of rank 128',
          'first loss',
          'last ten',
          'STS-B before',
          'after',
          'curve from PyTorch: 10 steps, all',
          'time',
        ],
        rows,
      );
    }
    if (tasks.has('pictures')) {
      const recipe = ['--layers', '1', '--steps', '150', '--batch', '64', '--learning-rate', '3e-4'];
      const rows = await measurePictures(carried('starter-image'), recipe, seeds);
      print(['garments, precision@10 [95 %]', 'before', 'after', 'gain', 'time'], rows);
    }
  }
} finally {
  await removeWork();
}

function print(header: readonly string[], rows: ReadonlyArray<readonly string[]>): void {
  console.log(`${table(header, rows)}\n`);
}
