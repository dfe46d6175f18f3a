import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { StudioError } from '../../../foundation/core/errors.ts';
import { readSnapshot } from '../datasets/snapshot.ts';
import { trainModel } from '../train-model.ts';
import { denseQuality } from './dense-quality.ts';
import { trainingDataOf } from './training-data-of.ts';
import type { TrainingJob, TrainingMessage } from './training-job.ts';

/** Trains in a thread of its own: a step computes for a good part of a second, and blocks whoever waits for it. */
const port = parentPort;
if (port === null) throw new Error('training-worker runs as a worker thread');

const say = (message: TrainingMessage): void => port.postMessage(message);
const stop = new AbortController();
port.once('message', () => stop.abort(new Error('The training was stopped.')));

async function work(job: TrainingJob): Promise<TrainingMessage> {
  const { model, out, recipe, settings, origin, snapshots, patience, checkpointEvery, threads, memoryLimitBytes } = job;
  const { signal } = stop;
  const snapshot = await readSnapshot(snapshots, job.snapshot);
  const data = trainingDataOf(snapshot);
  const result = await trainModel({
    ...{ model, out, recipe, data, signal, checkpointEvery, threads, memoryLimitBytes, resume: true },
    ...(settings === undefined ? {} : { settings }),
    ...(origin === undefined ? {} : { origin }),
    ...(data.validation === undefined || patience === 0 ? {} : { patience }),
    onEvent: (event) => say({ type: 'event', event }),
  });
  if (result.folder === null) return { type: 'cancelled' };
  const after = {
    queries: recipe.kind === 'two-tower' ? join(result.folder, 'query') : result.folder,
    items: recipe.kind === 'adapter' ? model : result.folder,
  };
  const validation = await denseQuality(snapshot, { queries: model, items: model }, after, {
    signal,
    onProgress: (_, done, total) =>
      say({ type: 'event', event: { type: 'preparing', what: 'texts to judge by', done, total } }),
  });
  const { step, losses, stoppedEarly } = result;
  return { type: 'done', outcome: { steps: step, stoppedEarly, lastLoss: losses.at(-1) ?? null, validation } };
}

const answer = await work(workerData as TrainingJob).catch((error: unknown): TrainingMessage => {
  if (stop.signal.aborted && error === stop.signal.reason) return { type: 'cancelled' };
  if (!StudioError.isInstance(error)) throw error;
  return { type: 'failed', code: error.code, message: error.message, hint: error.hint };
});
say(answer);
port.close();
