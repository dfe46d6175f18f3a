import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { StudioError } from '../../foundation/core/errors.ts';
import type { EncoderInput } from './encoder.ts';
import type {
  CloseMessage,
  EncodedMessage,
  EncodeMessage,
  EncodeSide,
  LoadTimes,
  ReadyMessage,
  WorkerSetup,
} from './messages.ts';

/** A run takes about a second on a slow machine. */
const CLOSE_MILLISECONDS = 20_000;

type Encoded = Extract<EncodedMessage, { vectors: unknown }>;

interface Waiting {
  resolve(encoded: Encoded): void;
  reject(error: Error): void;
}

/** The near end of an encoder's worker thread: a promise per message, and all of them rejected when the thread ends. */
export class EncoderThread {
  readonly loadTimes: LoadTimes;
  readonly #modelId: string;
  readonly #worker: Worker;
  readonly #exited: Promise<void>;
  readonly #waiting = new Map<number, Waiting>();
  #nextId = 0;
  #closed = false;
  #ended: StudioError | null = null;

  private constructor(modelId: string, worker: Worker, loadTimes: LoadTimes) {
    this.#modelId = modelId;
    this.#worker = worker;
    this.loadTimes = loadTimes;
    worker.on('message', (message: EncodedMessage) => this.#arrived(message));
    worker.on('error', (error) => this.#end(`its thread failed: ${(error as Error).message}`));
    this.#exited = new Promise((resolve) => {
      worker.on('exit', () => {
        this.#end('its thread has ended');
        resolve();
      });
    });
  }

  /** Resolves when the model is open. Throws `invalid_model`. */
  static async start(setup: WorkerSetup): Promise<EncoderThread> {
    const file = import.meta.url.endsWith('.ts') ? './encoder-worker.ts' : './encoder-worker.js';
    const worker = new Worker(new URL(file, import.meta.url), { workerData: setup });
    const { id } = setup.spec;
    const ready = await firstMessage(worker);
    if (ready.ready) return new EncoderThread(id, worker, ready.loadMilliseconds);
    await worker.terminate();
    throw new StudioError(ready.code, `The model "${id}" cannot be opened: ${ready.error}`, {
      ...(ready.hint === undefined ? {} : { hint: ready.hint }),
      details: { model: id },
    });
  }

  encode(side: EncodeSide, inputs: readonly EncoderInput[]): Promise<Encoded> {
    if (this.#ended !== null) return Promise.reject(this.#ended);
    return new Promise((resolve, reject) => {
      const id = this.#nextId++;
      this.#waiting.set(id, { resolve, reject });
      const own = inputs.map(withOwnMemory);
      const transfer = own.flatMap((input) => ('image' in input ? [input.image.buffer as ArrayBuffer] : []));
      this.#worker.postMessage({ id, side, inputs: own } satisfies EncodeMessage, transfer);
    });
  }

  /**
   * What is under way is rejected with `shutting_down`. The thread ends by itself, after its run: ending it in the
   * middle of one makes the runtime abort the whole process.
   */
  async close(): Promise<void> {
    this.#closed = true;
    this.#end('it was closed');
    this.#worker.postMessage({ close: true } satisfies CloseMessage);
    const patience = new AbortController();
    const late = sleep(CLOSE_MILLISECONDS, undefined, { ref: false, signal: patience.signal }).catch(() => {});
    await Promise.race([this.#exited, late]);
    patience.abort();
    await this.#worker.terminate();
  }

  #arrived(message: EncodedMessage): void {
    const waiting = this.#waiting.get(message.id);
    this.#waiting.delete(message.id);
    if ('vectors' in message) waiting?.resolve(message);
    else waiting?.reject(new StudioError('encoding_failed', `The model "${this.#modelId}" failed: ${message.error}.`));
  }

  #end(reason: string): void {
    this.#ended ??= new StudioError(
      this.#closed ? 'shutting_down' : 'encoding_failed',
      `The encoder "${this.#modelId}" cannot answer: ${reason}.`,
    );
    for (const waiting of this.#waiting.values()) waiting.reject(this.#ended);
    this.#waiting.clear();
  }
}

async function firstMessage(worker: Worker): Promise<ReadyMessage> {
  const settled = new AbortController();
  const { signal } = settled;
  try {
    const [message] = await Promise.race([
      once(worker, 'message', { signal }),
      once(worker, 'exit', { signal }).then(() => Promise.reject(new Error('its thread ended while it was opened'))),
    ]);
    return message as ReadyMessage;
  } catch (error) {
    return { ready: false, code: 'invalid_model', error: (error as Error).message };
  } finally {
    settled.abort();
  }
}

/** A copy that can be handed over: a small Buffer is a view of a pool shared with others, which would all be copied. */
function withOwnMemory(input: EncoderInput): EncoderInput {
  return 'text' in input ? input : { image: new Uint8Array(input.image) };
}
