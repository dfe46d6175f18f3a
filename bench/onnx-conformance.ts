/**
 * The operator tests of the ONNX standard: every model is read and written, and made for the shape of its inputs; its
 * outputs are compared with those of the model as it was. Errors must be ours, and name what is wrong.
 *   python3 -m venv venv && venv/bin/pip install onnx
 *   PYTHON=venv/bin/python node bench/onnx-conformance.ts
 */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fromBinary } from '@bufbuild/protobuf';
import { table } from '../demo/table.ts';
import { StudioError } from '../src/foundation/core/errors.ts';
import type { Model } from '../src/foundation/onnx/graph/graph.ts';
import type { Tensor } from '../src/foundation/onnx/graph/tensor.ts';
import { decodeModel } from '../src/foundation/onnx/model-file/decode-model.ts';
import { decodeTensor } from '../src/foundation/onnx/model-file/decode-tensor.ts';
import { writeModel } from '../src/foundation/onnx/model-file/write-model.ts';
import { foldSmallWeights } from '../src/foundation/onnx/prepare/fold-small-weights.ts';
import { specialise } from '../src/foundation/onnx/prepare/specialise.ts';
import { TensorProtoSchema } from '../src/foundation/onnx/proto/onnx_pb.js';
import { evaluate } from '../src/foundation/onnx/session/open-session.ts';
import { largestDifference, largestValue } from '../test/foundation/onnx/support/feeds.ts';

const python = process.env.PYTHON ?? 'python3';
try {
  execFileSync(python, ['-c', 'import onnx'], { stdio: 'ignore' });
} catch {
  console.log(`skipped: ${python} has no onnx. To run the tests of the standard:
  python3 -m venv venv && venv/bin/pip install onnx
  PYTHON=venv/bin/python node bench/onnx-conformance.ts`);
  process.exit(0);
}

/** Signal processing is no part of an encoder, and onnxruntime takes minutes for some of these. */
const LEFT_OUT = /dft|stft|melweight/;

const folder = await mkdtemp(join(tmpdir(), 'onnx-cases-'));
const counts = new Map<string, number>();
try {
  execFileSync(python, [fileURLToPath(new URL('./peers/onnx_cases.py', import.meta.url)), folder], { stdio: 'ignore' });
  for (const name of (await readdir(folder)).sort()) {
    if (LEFT_OUT.test(name)) continue;
    for (const outcome of await outcomes(join(folder, name))) {
      counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
      if (/^(NOT|OTHER|FAILED)/.test(outcome)) console.log(name, outcome);
    }
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
const rows = [...counts].sort().map(([outcome, count]) => [outcome, String(count)]);
console.log(table(['outcome', 'models'], rows));

async function outcomes(here: string): Promise<string[]> {
  const bytes = new Uint8Array(await readFile(join(here, 'model.onnx')));
  try {
    const model = decodeModel(bytes);
    const same = Buffer.compare(writeModel(model), bytes) === 0;
    return [same ? 'read, and written byte for byte' : 'NOT written byte for byte', await prepared(model, bytes, here)];
  } catch (error) {
    return [refusal('reading', error)];
  }
}

async function prepared(model: Model, bytes: Uint8Array, here: string): Promise<string> {
  const feeds = await feedsIn(here);
  const expected = await evaluate(bytes, feeds).catch(() => null);
  if (expected === null) return 'not run: onnxruntime does not run the model itself';
  const dims = Object.fromEntries(Object.entries(feeds).map(([name, tensor]) => [name, tensor.dims]));
  try {
    const graph = await specialise(foldSmallWeights(model), dims);
    if (graph.inputs.some(({ name, type }) => feeds[name]?.type !== type)) return 'not compared: computes in fp32 now';
    const inputs = Object.fromEntries(graph.inputs.map(({ name }) => [name, feeds[name] as Tensor]));
    return compared(expected, await evaluate(graph, inputs));
  } catch (error) {
    return refusal('preparing', error);
  }
}

async function feedsIn(here: string): Promise<Record<string, Tensor>> {
  const feeds: Record<string, Tensor> = {};
  for (let number = 0; existsSync(join(here, `input_${number}.pb`)); number++) {
    const bytes = new Uint8Array(await readFile(join(here, `input_${number}.pb`)));
    const message = fromBinary(TensorProtoSchema, bytes);
    feeds[message.name] = decodeTensor(message, false);
  }
  return feeds;
}

function compared(expected: Record<string, Tensor>, found: Record<string, Tensor>): string {
  const sameShapes = Object.entries(expected).every(
    ([name, { type, dims }]) => found[name]?.type === type && found[name].dims.join() === dims.join(),
  );
  if (!sameShapes) return 'OTHER types or dimensions';
  const plain = [expected, found].map((tensors) => Object.fromEntries(Object.entries(tensors).map(withoutNonFinite)));
  const [left = {}, right = {}] = plain;
  const difference = largestDifference(left, right) / Math.max(1, largestValue(left));
  return difference < 1e-5 ? 'prepared, same outputs' : `OTHER outputs, by ${difference}`;
}

/** Infinities and NaN as numbers that can be compared. */
function withoutNonFinite([name, tensor]: [string, Tensor]): [string, Tensor] {
  const values = Float64Array.from(tensor.data as ArrayLike<number>, (value) => {
    const number = Number(value);
    if (Number.isNaN(number)) return 2e9;
    return Math.max(-1e9, Math.min(1e9, number));
  });
  return [name, { type: 'float64', dims: tensor.dims, data: values }];
}

function refusal(stage: string, error: unknown): string {
  if (StudioError.isInstance(error) && error.code === 'invalid_model') return `refused in ${stage}, with the reason`;
  return `FAILED in ${stage}: ${String(error).slice(0, 200)}`;
}
