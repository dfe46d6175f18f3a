/**
 * What reading, preparing and writing a model costs, and how far the prepared graph's outputs are from the original's.
 *   node bench/onnx-models.ts [--rows 32] [--tokens 32] [--pictures 4] [--repeat 5]
 * Every model runs in a process of its own, so that its peak memory is its own; times are medians of the repetitions.
 */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { table } from '../demo/table.ts';
import type { Tensor } from '../src/foundation/onnx/graph/tensor.ts';
import { readModel } from '../src/foundation/onnx/model-file/read-model.ts';
import { writeModel } from '../src/foundation/onnx/model-file/write-model.ts';
import { foldSmallWeights } from '../src/foundation/onnx/prepare/fold-small-weights.ts';
import { specialise } from '../src/foundation/onnx/prepare/specialise.ts';
import { evaluate } from '../src/foundation/onnx/session/open-session.ts';
import { feedsFor, largestDifference, largestValue } from '../test/foundation/onnx/support/feeds.ts';
import { sharedFolder } from '../test/support/shared.ts';

const { values: options } = parseArgs({
  options: {
    rows: { type: 'string', default: '32' },
    tokens: { type: 'string', default: '32' },
    pictures: { type: 'string', default: '4' },
    repeat: { type: 'string', default: '5' },
    file: { type: 'string' },
  },
});

const HEAD = [
  'model',
  'MB',
  'nodes',
  'read ms',
  'memory MB',
  'write ms',
  'same bytes',
  'fold ms',
  'specialise ms',
  'difference',
];

if (options.file === undefined) measureAll();
else console.log(JSON.stringify(await measure(options.file)));

function measureAll(): void {
  const shared = sharedFolder();
  const files = ['starter', 'starter-image', 'minilm', 'minilm-int8']
    .map((name) => [name, `${shared}/models/${name}/encoder.onnx`] as const)
    .filter(([, file]) => existsSync(file));
  if (files.length === 0) console.log('skipped: no ../shared/models');
  const script = fileURLToPath(import.meta.url);
  const rows = files.map(([name, file]) => {
    const answer = execFileSync(process.execPath, [script, ...process.argv.slice(2), '--file', file], {
      encoding: 'utf8',
    });
    return [name, ...(JSON.parse(answer) as string[])];
  });
  console.log(table(HEAD, rows));
  console.log('memory: what reading adds to the process; difference: largest, over the largest absolute output');
}

async function measure(file: string): Promise<string[]> {
  const before = process.memoryUsage().rss;
  const model = await readModel(file);
  const added = process.memoryUsage().rss - before;
  const dims = Object.fromEntries(
    model.graph.inputs.map(({ name, type }) => [
      name,
      type === 'float32' ? [Number(options.pictures), 3, 224, 224] : [Number(options.rows), Number(options.tokens)],
    ]),
  );
  const bytes = await readFile(file);
  const folded = foldSmallWeights(model);
  const graph = await specialise(folded, dims);
  const feeds: Record<string, Tensor> = feedsFor(model.graph.inputs, dims);
  const expected = await evaluate(new Uint8Array(bytes), feeds, { optimization: 'basic' });
  const difference = largestDifference(expected, await evaluate(graph, feeds, { optimization: 'basic' }));
  return [
    ((await stat(file)).size / 1e6).toFixed(1),
    `${model.graph.nodes.length} → ${graph.nodes.length}`,
    await milliseconds(() => readModel(file)),
    (added / 1e6).toFixed(0),
    await milliseconds(() => writeModel(model)),
    Buffer.compare(bytes, writeModel(model)) === 0 ? 'yes' : 'NO',
    await milliseconds(() => foldSmallWeights(model)),
    await milliseconds(() => specialise(folded, dims)),
    (difference / largestValue(expected)).toExponential(1),
  ];
}

async function milliseconds(work: () => unknown): Promise<string> {
  const times: number[] = [];
  for (let round = 0; round < Number(options.repeat); round++) {
    const start = performance.now();
    await work();
    times.push(performance.now() - start);
  }
  return (times.sort((left, right) => left - right)[Math.floor(times.length / 2)] as number).toFixed(0);
}
