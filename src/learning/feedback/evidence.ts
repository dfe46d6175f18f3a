import { setTimeout as sleep } from 'node:timers/promises';
import type { Db } from '../../foundation/database/tables.ts';
import type { NewEvidence } from './events.ts';
import { collectionsWithDue, readDueQueries } from './evidence-queries.ts';
import type { Guards } from './guards/guards.ts';
import type { Sessions } from './sessions/sessions.ts';

export interface EvidenceOptions {
  readonly db: Db;
  readonly sessions: Sessions;
  readonly guards: Guards;
  /** Learns these queries anew from the record, and takes them off the list of what is due. */
  readonly learn: (collectionId: number, queryKeys: readonly string[]) => Promise<void>;
  /** Told what could not be learned; it stays due and is tried again. */
  readonly onError: (error: unknown) => void;
  /** How often to look for what other processes, or a process that died, have left to do. */
  readonly pollMilliseconds?: number;
}

/** So much is learned before it is acknowledged, so that the next search has it; more is left to the background. */
const AT_ONCE = 20;
/** Longest time that an acknowledgement waits for learning. */
const PATIENCE_MILLISECONDS = 1000;
/** While much arrives, learning takes one part of the time and leaves so many to those who send. */
const PARTS_FOR_SENDERS = 9;
/** A farm is many clients' work: there is no hurry to look after every click, nor may looking take much of the time. */
const FARM_MILLISECONDS = 10_000;
const FARM_SHARE = 0.02;

/**
 * From stored events to what is learned from them: sessions are brought up to date, guards look at the clients, and the
 * queries are learned anew. What is due stands in the database, written together with the events.
 */
export class Evidence {
  readonly #options: EvidenceOptions;
  #timer: NodeJS.Timeout | undefined;
  #working: Promise<void> | null = null;
  #isClosed = false;
  /** Batches that were left to the background so far. */
  #left = 0;
  /** When to look for farms again, by collection. */
  readonly #nextFarms = new Map<number, number>();

  constructor(options: EvidenceOptions) {
    this.#options = options;
  }

  /** Begins to look for what is due. */
  start(): void {
    this.#timer = setInterval(() => void this.#wake(), this.#options.pollMilliseconds ?? 2000);
    this.#timer.unref();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#timer);
    await this.#working;
  }

  /** A little is learned at once; much is left to the background. Never fails: what is stored will be learned. */
  async take(evidence: readonly NewEvidence[]): Promise<void> {
    const queries = evidence.reduce((sum, { queryKeys }) => sum + queryKeys.length, 0);
    if (queries === 0) return;
    if (queries > AT_ONCE) {
      this.#left++;
      setImmediate(() => void this.#wake());
      return;
    }
    const learned = Promise.all(evidence.map((one) => this.#learn(one))).catch(this.#options.onError);
    await withPatience(learned);
  }

  /** Resolves when everything that is due now has been learned, or failed. */
  async settle(): Promise<void> {
    await this.#working;
    await this.#wake();
  }

  async #learn({ collectionId, queryKeys, clients }: NewEvidence): Promise<void> {
    const { sessions, guards, learn } = this.#options;
    await sessions.refresh(collectionId);
    const { changed } = await guards.inspect(collectionId, clients);
    await learn(collectionId, queryKeys);
    // Whatever a session that is now set aside had asked before is learned again without it.
    if (changed > 0) setImmediate(() => void this.#wake());
  }

  #wake(): Promise<void> {
    if (this.#isClosed) return Promise.resolve();
    this.#working ??= this.#workOff()
      .catch(this.#options.onError)
      .finally(() => {
        this.#working = null;
      });
    return this.#working;
  }

  async #workOff(): Promise<void> {
    const { db, sessions, guards, learn } = this.#options;
    for (const collectionId of await collectionsWithDue(db)) {
      await this.#givingWay(() => sessions.refresh(collectionId));
      while ((await this.#givingWay(() => guards.inspect(collectionId))).more && !this.#isClosed);
      await this.#inspectFarms(collectionId);
      let after = '';
      for (;;) {
        const queryKeys = await readDueQueries(db, collectionId, after, AT_ONCE);
        const last = queryKeys.at(-1);
        if (last === undefined || this.#isClosed) break;
        // By key from the front to the end, so that one that cannot be learned does not stop the others.
        await this.#givingWay(() => learn(collectionId, queryKeys).catch(this.#options.onError));
        after = last;
      }
    }
  }

  /** A piece of work, and a rest after it when more has been sent meanwhile: whoever sends much must not wait for it. */
  async #givingWay<Result>(work: () => Promise<Result>): Promise<Result> {
    const left = this.#left;
    const started = performance.now();
    const result = await work();
    if (this.#left !== left) await sleep(PARTS_FOR_SENDERS * (performance.now() - started));
    return result;
  }

  async #inspectFarms(collectionId: number): Promise<void> {
    const started = performance.now();
    if (started < (this.#nextFarms.get(collectionId) ?? 0)) return;
    await this.#options.guards.inspectFarms(collectionId);
    const took = performance.now() - started;
    this.#nextFarms.set(collectionId, started + Math.max(FARM_MILLISECONDS, took / FARM_SHARE));
  }
}

async function withPatience(promise: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, PATIENCE_MILLISECONDS);
  });
  await Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
