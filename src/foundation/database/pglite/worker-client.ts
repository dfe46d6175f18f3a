import { Worker } from 'node:worker_threads';
import { StudioError } from '../../core/errors.ts';
import { toParameterText } from '../sql/parameter-text.ts';
import { SqlError } from '../sql/sql-error.ts';
import type { WorkerAnswer, WorkerRequest, WorkerStart } from './messages.ts';

export type WorkerDone = Extract<WorkerAnswer, { kind: 'done' }>;

interface Call {
  resolve(done: WorkerDone): void;
  reject(error: Error): void;
}

type Unnumbered<T> = T extends { readonly id: number } ? Omit<T, 'id'> : never;

/** The main thread's end of the worker: requests out, answers in, and no call left waiting when the worker dies. */
export class WorkerClient {
  readonly #worker: Worker;
  readonly #calls = new Map<number, Call>();
  #nextId = 1;
  #gone: Error | null = null;
  #inTransaction = false;

  private constructor(worker: Worker) {
    this.#worker = worker;
    worker.on('message', (message: WorkerAnswer) => this.#take(message));
    worker.on('error', (error) => this.#fail(error.message));
    worker.on('exit', (code) => this.#fail(`its thread ended with code ${code}`));
  }

  /** Resolves when the database answers. Rejects with a plain error that says why it did not start. */
  static async start(start: WorkerStart): Promise<WorkerClient> {
    const url = new URL(import.meta.url.endsWith('.ts') ? './pglite-worker.ts' : './pglite-worker.js', import.meta.url);
    const worker = new Worker(url, { workerData: start });
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    worker.once('message', (message: WorkerAnswer) => {
      if (message.kind === 'ready') resolve();
      else reject(new Error(message.kind === 'start-failed' ? message.message : 'The database gave no sign.'));
    });
    worker.once('error', reject);
    worker.once('exit', (code) => reject(new Error(`The database's thread ended with code ${code}.`)));
    try {
      await promise;
    } catch (error) {
      await worker.terminate();
      throw error;
    }
    return new WorkerClient(worker);
  }

  /** Whether the session is inside a transaction, after the last answer. */
  get inTransaction(): boolean {
    return this.#inTransaction;
  }

  query(sql: string, parameters: readonly unknown[]): Promise<WorkerDone> {
    return this.#ask({ kind: 'query', sql, parameters: parameters.map(toParameterText) });
  }

  saveTemplate(file: string): Promise<WorkerDone> {
    return this.#ask({ kind: 'save-template', file });
  }

  async close(): Promise<void> {
    if (this.#gone === null) await this.#ask({ kind: 'close' }).catch(() => {});
    this.#gone ??= new StudioError('database_unavailable', 'The database is closed.');
    await this.#worker.terminate();
  }

  async #ask(request: Unnumbered<WorkerRequest>): Promise<WorkerDone> {
    if (this.#gone !== null) throw this.#gone;
    const id = this.#nextId++;
    const { promise, resolve, reject } = Promise.withResolvers<WorkerDone>();
    this.#calls.set(id, { resolve, reject });
    this.#worker.postMessage({ ...request, id });
    return await promise;
  }

  #take(message: WorkerAnswer): void {
    if (!('id' in message)) return;
    const call = this.#calls.get(message.id);
    this.#calls.delete(message.id);
    if (message.kind === 'broken') {
      call?.reject(broken(message.message));
      this.#fail(message.message);
      return;
    }
    this.#inTransaction = message.inTransaction;
    if (message.kind === 'done') call?.resolve(message);
    else call?.reject(new SqlError(message.error));
  }

  /** After a crash inside PostgreSQL its memory cannot be trusted; the next start recovers from the log. */
  #fail(reason: string): void {
    this.#gone ??= broken(reason);
    for (const call of this.#calls.values()) call.reject(this.#gone);
    this.#calls.clear();
  }
}

function broken(reason: string): StudioError {
  return new StudioError('database_unavailable', `The embedded database stopped: ${reason}.`, {
    hint: 'Start the process again; everything that was acknowledged is there.',
  });
}
