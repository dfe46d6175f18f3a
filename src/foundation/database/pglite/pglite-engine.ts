import { EventEmitter } from 'node:events';
import type { Engine, EngineConnection, EngineResult } from '../engine.ts';
import { FairTurns } from '../fair-turns.ts';
import type { WorkerStart } from './messages.ts';
import { WorkerClient } from './worker-client.ts';

/** PGlite behind the Engine port: one session, taken in turns. */
export class PgliteEngine implements Engine {
  readonly kind = 'pglite';
  readonly #worker: WorkerClient;
  readonly #turns = new FairTurns();
  readonly #channels = new EventEmitter().setMaxListeners(0);
  #closing: Promise<void> | null = null;

  private constructor(worker: WorkerClient) {
    this.#worker = worker;
  }

  static async start(start: WorkerStart): Promise<PgliteEngine> {
    return new PgliteEngine(await WorkerClient.start(start));
  }

  async acquire(): Promise<EngineConnection> {
    const endTurn = await this.#turns.take();
    let released = false;
    return {
      query: async <Row>(sql: string, parameters: readonly unknown[] = []): Promise<EngineResult<Row>> => {
        if (released) throw new Error('This session was released; acquire another.');
        const { rows, affectedRows } = await this.#worker.query(sql, parameters);
        return { rows: rows as Row[], affectedRows };
      },
      release: () => {
        if (released) return;
        released = true;
        void this.#cleanSession().finally(endTurn);
      },
    };
  }

  async notify(channel: string, payload: string): Promise<void> {
    // Not in the caller's stack: a handler must not be able to fail or delay whoever tells.
    setImmediate(() => this.#channels.emit(channel, payload));
  }

  async listen(channel: string, handler: (payload: string) => void): Promise<() => Promise<void>> {
    // A function of its own, so that the same handler given twice is stopped once at a time.
    const listener = (payload: string): void => handler(payload);
    this.#channels.on(channel, listener);
    return async () => void this.#channels.off(channel, listener);
  }

  /** Saves the database as a template that a later start loads; nobody else may be using it yet. */
  async saveTemplate(file: string): Promise<void> {
    const endTurn = await this.#turns.take();
    try {
      await this.#worker.saveTemplate(file);
    } finally {
      endTurn();
    }
  }

  /** Waits for the sessions that are out, in turn. */
  close(): Promise<void> {
    this.#closing ??= (async () => {
      const endTurn = await this.#turns.take();
      this.#channels.removeAllListeners();
      await this.#worker.close();
      endTurn();
    })();
    return this.#closing;
  }

  /** The next one must not find itself in a transaction that was left open. */
  async #cleanSession(): Promise<void> {
    if (this.#worker.inTransaction) await this.#worker.query('rollback', []).catch(() => {});
  }
}
