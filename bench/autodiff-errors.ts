/**
 * How exact the gradients are.
 *   node bench/autodiff-errors.ts [--trials 40] [--encoders]
 *   PYTHON=venv/bin/python node bench/autodiff-errors.ts --encoders    (python3 -m venv venv && venv/bin/pip install torch onnx numpy)
 * Every operator against finite differences over random shapes; with --encoders also whole encoders, along directions
 * against finite differences and, where PYTHON has PyTorch, each weight's gradient against torch.autograd.
 */
import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import fc from 'fast-check';
import { table } from '../demo/table.ts';
import { allCases } from '../test/foundation/onnx/autodiff/cases/all-cases.ts';
import { directionalErrors } from '../test/support/directional-errors.ts';
import { differentiatedEncoder } from '../test/support/encoder-gradients.ts';
import { worstGradientError } from '../test/support/finite-differences.ts';
import { sharedFolder } from '../test/support/shared.ts';
import { errorAgainstTorch, hasTorch } from './support/torch-gradients.ts';

const { values: options } = parseArgs({
  options: { trials: { type: 'string', default: '40' }, encoders: { type: 'boolean', default: false } },
});
const python = process.env.PYTHON ?? 'python3';
const trialsPerCase = Number(options.trials);

const rows: string[][] = [];
for (const op of [...new Set(allCases.map((one) => one.op))].sort()) {
  const cases = allCases.filter((one) => one.op === op);
  let worst = 0;
  for (const { trials } of cases) {
    for (const trial of fc.sample(trials, { numRuns: trialsPerCase, seed: 1 })) {
      worst = Math.max(worst, await worstGradientError(trial));
    }
  }
  rows.push([op, String(cases.length), String(cases.length * trialsPerCase), exponent(worst)]);
}
rows.sort((left, right) => Number(right[3]) - Number(left[3]));
console.log(`${table(['operator', 'forms', 'trials', 'worst relative error'], rows)}\n`);

if (options.encoders) {
  const folders = ['starter', 'starter-image'].map((name) =>
    fileURLToPath(new URL(`../models/${name}`, import.meta.url)),
  );
  const shared = sharedFolder();
  const more = shared === null ? [] : ['minilm', 'minilm-int8'].map((name) => join(shared, 'models', name));
  const present = [...folders, ...more].filter((folder) => existsSync(folder));
  const torch = hasTorch(python);
  const encoders: string[][] = [];
  for (const folder of present) {
    const encoder = await differentiatedEncoder(folder);
    const along = await directionalErrors(encoder);
    const against = torch ? await errorAgainstTorch(python, encoder) : null;
    encoders.push([
      basename(folder),
      exponent(along.together),
      `${exponent(along.worst)} of ${along.weights}`,
      against === null ? 'skipped' : `${exponent(against.worst)} of ${against.weights}`,
      against === null ? '' : against.worstWeight,
    ]);
  }
  console.log(
    table(
      [
        'encoder',
        'all weights along a direction',
        'each weight along one',
        'each against torch in double',
        'the worst',
      ],
      encoders,
    ),
  );
  if (!torch) {
    console.log(`\nskipped: ${python} has no torch and onnx. To compare:
  python3 -m venv venv && venv/bin/pip install torch onnx numpy
  PYTHON=venv/bin/python node bench/autodiff-errors.ts --encoders`);
  }
  if (more.length === 0) console.log('skipped: no ../shared (minilm, minilm-int8)');
}

function exponent(value: number): string {
  return value.toExponential(1);
}
