import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Tensor } from '../../src/foundation/onnx/graph/tensor.ts';
import { staticModelBytes } from '../../src/foundation/onnx/model-file/static-model.ts';
import { openSession } from '../../src/foundation/onnx/session/open-session.ts';
import type { DifferentiatedEncoder } from '../../test/support/encoder-gradients.ts';

const peer = fileURLToPath(new URL('../peers/onnx_autograd.py', import.meta.url));

export interface TorchError {
  readonly worst: number;
  readonly worstWeight: string;
  readonly weights: number;
}

/** Whether this Python can compute the reference. */
export function hasTorch(python: string): boolean {
  try {
    execFileSync(python, ['-c', 'import torch, onnx, numpy'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/**
 * The largest difference of each weight's gradient, relative to the gradient's largest element; elements below a
 * hundred-thousandth of the largest of all gradients count as rounding (the bias of attention's keys, which softmax cancels).
 */
export async function errorAgainstTorch(python: string, encoder: DifferentiatedEncoder): Promise<TorchError> {
  const temporary = await mkdtemp(join(tmpdir(), 'autodiff-'));
  try {
    const names = [...encoder.gradients.keys()];
    const constants = new Map([...encoder.forward.constants, ...Object.entries(encoder.feeds)]);
    const [graph, list, results] = ['graph.onnx', 'names.txt', 'gradients.f32'].map((file) =>
      join(temporary, file),
    ) as [string, string, string];
    await writeFile(graph, staticModelBytes({ ...encoder.forward, constants, inputs: [] }));
    await writeFile(list, names.join('\n'));
    execFileSync(python, [peer, graph, list, results], { stdio: 'inherit' });
    const bytes = await readFile(results);
    const session = await openSession(encoder.backward);
    const own = await session.run(encoder.feeds);
    await session.release();
    return compared(encoder, own, new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4));
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

function compared(encoder: DifferentiatedEncoder, own: Record<string, Tensor>, theirs: Float32Array): TorchError {
  const floor = 1e-5 * largest(theirs);
  let [offset, worst, worstWeight] = [0, 0, ''];
  for (const [weight, name] of encoder.gradients) {
    const gradient = (own[name] as Tensor).data as Float32Array;
    const expected = theirs.subarray(offset, offset + gradient.length);
    offset += gradient.length;
    const error =
      largest(gradient.map((value, at) => value - (expected[at] as number))) / Math.max(largest(expected), floor);
    if (error > worst) [worst, worstWeight] = [error, weight];
  }
  return { worst, worstWeight, weights: encoder.gradients.size };
}

function largest(values: Float32Array): number {
  return values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
}
