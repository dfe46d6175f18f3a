import { StudioError } from '../../../foundation/core/errors.ts';
import { float32, type Tensor } from '../../../foundation/onnx/graph/tensor.ts';
import type { ParameterStore } from '../../../foundation/onnx/optimizers/parameter-store.ts';
import type { BestWeights } from '../best-weights.ts';
import type { CheckpointPlan } from '../training-plan.ts';
import { type CheckpointArray, readCheckpoint, writeCheckpoint } from './checkpoint-file.ts';

const STORE = 'store/';
const BEST = 'best/';

export async function saveTraining(
  { file, fingerprint }: CheckpointPlan,
  step: number,
  store: ParameterStore,
  best: BestWeights,
): Promise<void> {
  const arrays = new Map<string, CheckpointArray>();
  for (const [name, data] of store.snapshot()) arrays.set(STORE + name, data);
  for (const [name, { data }] of best.weights ?? []) arrays.set(BEST + name, data as Float32Array);
  const dims = Object.fromEntries([...(best.weights ?? [])].map(([name, tensor]) => [name, tensor.dims]));
  await writeCheckpoint(file, { step, fingerprint, state: { ...best.state(), dims }, arrays });
}

/** Puts back what was saved and gives the number of steps that are done; 0 when nothing was. Throws `invalid_checkpoint`. */
export async function restoreTraining(
  { file, fingerprint }: CheckpointPlan,
  store: ParameterStore,
  best: BestWeights,
): Promise<number> {
  const checkpoint = await readCheckpoint(file);
  if (checkpoint === null) return 0;
  if (checkpoint.fingerprint !== fingerprint) {
    throw new StudioError('invalid_checkpoint', `The checkpoint ${file} is of another training.`, {
      hint: 'Give the same model, data and settings as then, or remove it and begin anew.',
    });
  }
  const part = (prefix: string): Map<string, CheckpointArray> =>
    new Map(
      [...checkpoint.arrays].flatMap(([name, data]) =>
        name.startsWith(prefix) ? [[name.slice(prefix.length), data] as const] : [],
      ),
    );
  store.restore(part(STORE));
  const dims = (checkpoint.state.dims ?? {}) as Record<string, number[]>;
  const weights = new Map(
    [...part(BEST)].map(([name, data]): [string, Tensor] => [name, float32(dims[name] ?? [], data as Float32Array)]),
  );
  best.restore(checkpoint.state, weights);
  return checkpoint.step;
}
