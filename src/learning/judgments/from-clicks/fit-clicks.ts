import { Worker } from 'node:worker_threads';
import type { ClickModelName } from '../click-models/click-model-names.ts';
import { buffersOf, type FlatPages } from './flat-pages.ts';

export interface FitRequest {
  readonly pages: FlatPages;
  /** Those to choose from. */
  readonly models: readonly ClickModelName[];
  readonly minimumSupport: number;
}

/** The chosen model and what it says, by judgment; queries and items as numbered in the pages. */
export interface FittedClicks {
  readonly model: string;
  /** Held-out perplexity of every model, best first. */
  readonly ranking: ReadonlyArray<{ readonly name: string; readonly perplexity: number }>;
  /** All that were shown, those with too little support among them. */
  readonly pairs: number;
  readonly query: Int32Array<ArrayBuffer>;
  readonly item: Int32Array<ArrayBuffer>;
  readonly grade: Float64Array<ArrayBuffer>;
  readonly deviation: Float64Array<ArrayBuffer>;
  readonly support: Float64Array<ArrayBuffer>;
}

export interface FitProgress {
  /** The model that is being fitted. */
  readonly fitting: string;
  readonly done: number;
  readonly total: number;
}

/** What the thread sends: where it is, and at last what came out. */
export type FitMessage = FitProgress | { readonly fitted: FittedClicks };

/**
 * Fits click models to pages in a thread of its own, which is ended when `signal` is given: the reason is thrown then. The numbers of
 * the pages are handed over: they are empty here afterwards.
 */
export async function fitClicks(
  request: FitRequest,
  signal: AbortSignal,
  onProgress: (progress: FitProgress) => void,
): Promise<FittedClicks> {
  signal.throwIfAborted();
  const file = import.meta.url.endsWith('.ts') ? './fit-clicks-worker.ts' : './fit-clicks-worker.js';
  const worker = new Worker(new URL(file, import.meta.url), {
    workerData: request,
    transferList: buffersOf(request.pages),
  });
  let stop = (): void => {};
  try {
    return await new Promise<FittedClicks>((resolve, reject) => {
      stop = () => reject(signal.reason);
      signal.addEventListener('abort', stop);
      worker.on('message', (message: FitMessage) => {
        if ('fitted' in message) resolve(message.fitted);
        else onProgress(message);
      });
      worker.on('error', reject);
      worker.on('exit', () => reject(new Error('The thread that fits click models ended early.')));
    });
  } finally {
    signal.removeEventListener('abort', stop);
    await worker.terminate();
  }
}
