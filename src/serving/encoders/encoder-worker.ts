import { parentPort, workerData } from 'node:worker_threads';
import { StudioError } from '../../foundation/core/errors.ts';
import type { BatchLimits } from './batch-queue.ts';
import { openGraph } from './graph-session.ts';
import type { CloseMessage, EncodeMessage, ReadyMessage, WorkerSetup } from './messages.ts';
import { createPictureSession, PICTURES_AHEAD, PICTURES_PER_RUN } from './pictures/picture-session.ts';
import { createTextSession } from './text-session.ts';
import { type ModelSession, WorkerLoop } from './worker-loop.ts';

/** One model in a thread of its own: tokenising, decoding pictures and running the graph never touch the main thread. */
const port = parentPort;
if (port === null) throw new Error('encoder-worker runs as a worker thread');

/** Texts that are tokenised ahead to find some of like length. */
const TEXTS_AHEAD = 256;

function serve<Content>(session: ModelSession<Content>, setup: WorkerSetup, limits: BatchLimits): void {
  const loop = new WorkerLoop(session, setup.spec.outputs, limits, (message, transfer) =>
    port?.postMessage(message, transfer),
  );
  port?.on('message', (message: EncodeMessage | CloseMessage) => {
    if ('close' in message) void loop.stop().then(() => process.exit());
    else loop.accept(message);
  });
}

try {
  const setup = workerData as WorkerSetup;
  const started = performance.now();
  const graph = await openGraph(setup);
  const opened = performance.now();
  if (setup.spec.modality === 'text')
    serve(createTextSession(graph, setup), setup, { maxCost: setup.maxBatchTokens, window: TEXTS_AHEAD });
  else serve(createPictureSession(graph, setup), setup, { maxCost: PICTURES_PER_RUN, window: PICTURES_AHEAD });
  const loadMilliseconds = { graph: opened - started, preparation: performance.now() - opened };
  port.postMessage({ ready: true, loadMilliseconds } satisfies ReadyMessage);
} catch (error) {
  const known = StudioError.isInstance(error);
  port.postMessage({
    ready: false,
    code: known ? error.code : 'invalid_model',
    error: (error as Error).message,
    ...(known && error.hint !== undefined ? { hint: error.hint } : {}),
  } satisfies ReadyMessage);
}
