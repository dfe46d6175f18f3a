import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Comparison } from './compare-arms.ts';
import type { ArmFigures } from './evaluation-result.ts';

/** `compareArms` beside the event loop, which answers searches meanwhile. Rejects with the signal's reason. */
export async function compareArmsBeside(comparison: Comparison, signal: AbortSignal): Promise<ArmFigures[]> {
  signal.throwIfAborted();
  const file = import.meta.url.endsWith('.ts') ? './compare-arms-worker.ts' : './compare-arms-worker.js';
  const worker = new Worker(new URL(file, import.meta.url), { workerData: comparison });
  try {
    const [figures] = (await once(worker, 'message', { signal })) as [ArmFigures[]];
    return figures;
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    await worker.terminate();
  }
}
