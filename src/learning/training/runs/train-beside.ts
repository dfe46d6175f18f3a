import { Worker } from 'node:worker_threads';
import { StudioError } from '../../../foundation/core/errors.ts';
import type { TrainingEvent } from '../training-event.ts';
import type { TrainedOutcome, TrainingJob, TrainingMessage } from './training-job.ts';

/** Time to end the step that is under way and to write a checkpoint. */
const STOP_MILLISECONDS = 4000;

/**
 * Trains in a thread of its own. When `signal` is given the training ends after its step, with a checkpoint, and the
 * signal's reason is thrown.
 *
 * @throws StudioError as `trainModel`
 */
export async function trainBeside(
  job: TrainingJob,
  signal: AbortSignal,
  onEvent: (event: TrainingEvent) => void,
): Promise<TrainedOutcome> {
  signal.throwIfAborted();
  const file = import.meta.url.endsWith('.ts') ? './training-worker.ts' : './training-worker.js';
  const worker = new Worker(new URL(file, import.meta.url), { workerData: job });
  let timer: NodeJS.Timeout | undefined;
  const stop = (): void => {
    worker.postMessage('stop');
    timer = setTimeout(() => void worker.terminate(), STOP_MILLISECONDS);
  };
  signal.addEventListener('abort', stop, { once: true });
  try {
    const last = await new Promise<Exclude<TrainingMessage, { type: 'event' }>>((resolve, reject) => {
      worker.on('message', (message: TrainingMessage) => {
        if (message.type === 'event') onEvent(message.event);
        else resolve(message);
      });
      worker.on('error', reject);
      worker.on('exit', () => reject(signal.aborted ? signal.reason : new Error('The training ended early.')));
    });
    if (last.type === 'done') return last.outcome;
    signal.throwIfAborted();
    if (last.type === 'cancelled') throw new Error('The training was cancelled by nobody.');
    const { code, message, hint } = last;
    throw new StudioError(code, message, hint === undefined ? {} : { hint });
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', stop);
    await worker.terminate();
  }
}
