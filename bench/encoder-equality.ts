/**
 * Vectors of the starter and of MiniLM equal those of Python's onnxruntime and tokenizers.
 *   python3 -m venv venv && venv/bin/pip install onnxruntime tokenizers numpy
 *   PYTHON=venv/bin/python node bench/encoder-equality.ts [--texts 1000]
 */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { table } from '../demo/table.ts';
import { createEncoder } from '../src/serving/encoders/onnx-encoder.ts';
import { sharedFolder } from '../test/support/shared.ts';
import { oddTexts } from './support/odd-texts.ts';

const { values: options } = parseArgs({ options: { texts: { type: 'string', default: '1000' } } });
const python = process.env.PYTHON ?? 'python3';
const peer = fileURLToPath(new URL('./peers/encode.py', import.meta.url));
const carried = fileURLToPath(new URL('../models/starter', import.meta.url));
const shared = sharedFolder();
const minilm = shared === null ? null : join(shared, 'models', 'minilm');
const LIMIT = 1e-5;

try {
  execFileSync(python, ['-c', 'import onnxruntime, tokenizers, numpy'], { stdio: 'ignore' });
} catch {
  console.log(`skipped: ${python} has no onnxruntime, tokenizers and numpy. To compare:
  python3 -m venv venv && venv/bin/pip install onnxruntime tokenizers numpy
  PYTHON=venv/bin/python node bench/encoder-equality.ts`);
  process.exit(0);
}
const folders = [carried];
if (minilm !== null && existsSync(minilm)) folders.push(minilm);
else console.log('skipped: no ../shared/models/minilm');

const texts = oddTexts(Number(options.texts), 1);
const temporary = await mkdtemp(join(tmpdir(), 'equality-'));
await writeFile(join(temporary, 'texts.json'), JSON.stringify(texts));
const rows: string[][] = [];
for (const folder of folders) {
  execFileSync(python, [peer, folder, join(temporary, 'texts.json'), join(temporary, 'vectors.f32')], {
    stdio: 'inherit',
  });
  const bytes = await readFile(join(temporary, 'vectors.f32'));
  const reference = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
  const encoder = await createEncoder(folder);
  const [output] = encoder.outputs;
  if (output === undefined) throw new Error(`${folder} has no output`);
  const encoded = await encoder.encodeItems(texts.map((text) => ({ text })));
  const differences = encoded.map((vectors, row) => {
    const vector = vectors[output.name] as Float32Array;
    return vector.reduce(
      (most, value, i) => Math.max(most, Math.abs(value - (reference[row * output.dimensions + i] as number))),
      0,
    );
  });
  const above = differences.flatMap((difference, row) => (difference > LIMIT ? [{ difference, row }] : []));
  const sorted = [...differences].sort((left, right) => left - right);
  rows.push([
    encoder.modelId,
    String(texts.length),
    String(Math.max(...texts.map((text) => text.length))),
    (sorted[Math.floor(sorted.length / 2)] ?? 0).toExponential(1),
    (sorted.at(-1) ?? 0).toExponential(1),
    String(above.length),
  ]);
  for (const { difference, row } of above.slice(0, 5))
    console.log(difference.toExponential(1), JSON.stringify(texts[row]?.slice(0, 80)));
  await encoder.close();
}
await rm(temporary, { recursive: true, force: true });
console.log(
  table(
    ['model', 'texts', 'longest, characters', 'median difference', 'largest', `above ${LIMIT.toExponential()}`],
    rows,
  ),
);
