import { type Clock, systemClock } from '../../../foundation/core/clock.ts';
import { Wakeup } from '../../../foundation/core/wakeup.ts';
import type { Engine } from '../../../foundation/database/engine.ts';
import type { Db } from '../../../foundation/database/tables.ts';
import type { Sql } from '../../collections/item-tables.ts';
import { itemsChannel } from '../../collections/items-channel.ts';
import type { Change, IndexWriter, PreparedBatch } from '../ports.ts';
import { describeFailure, isItemFault } from './failures.ts';
import { advanceApplied, alignApplied, readApplied, readChanges, replaceFailures } from './follow-queries.ts';

export interface FollowerOptions {
  readonly engine: Engine;
  readonly db: Db;
  readonly collectionId: number;
  readonly writer: IndexWriter;
  /** Sequence of the last change of what this kind of index reads: `embedSequence` or `lexicalSequence`. */
  readonly sequenceOf: (change: Change) => number;
  /**
   * Whether the writer still reads items as their collection declares. Asked in the transaction of every batch: a change
   * of the schema gives items new sequences, and applying those by the old schema would leave them wrong for ever.
   */
  readonly isCurrent?: (transaction: Sql) => Promise<boolean>;
  /** Called once, when the writer is not current any more; the follower has stopped by itself. */
  readonly onOutdated?: () => void;
  readonly clock?: Clock;
  readonly batchSize?: number;
  /** Pause after each batch, to leave room for others. */
  readonly throttleMilliseconds?: number;
  /** The net under lost notifications. */
  readonly pollMilliseconds?: number;
  /** After each committed batch. */
  readonly onApplied?: (appliedSequence: number) => void;
  /** When the log is read through, at first and after every batch: the time to build what is cheaper to build at once. */
  readonly onCaughtUp?: () => Promise<void>;
  /** Told of every failure that is tried again. */
  readonly onError?: (error: unknown) => void;
}

/** Sixty-four texts are a good batch for an encoder; four of them amortise a transaction and keep it short. */
const BATCH_SIZE = 256;
const POLL_MILLISECONDS = 1000;
const FIRST_BACKOFF_MILLISECONDS = 100;
const MAX_BACKOFF_MILLISECONDS = 30_000;
/** How often a batch of one item is tried before the item is set aside. */
const ATTEMPTS_ON_ONE_ITEM = 3;

interface Batch {
  readonly from: number;
  readonly to: number;
  readonly changes: readonly Change[];
  readonly prepared: PreparedBatch;
}

/** Rolls back: the schema has changed. */
class OutdatedError extends Error {}

/** Rolls back: somebody else has applied the batch, or a part of the group. */
class OvertakenError extends Error {}

/**
 * Applies the change log of a collection to one group of indexes. What is applied is remembered in the same
 * transaction as the rows, by compare and set: a killed follower resumes, and of two followers one wins each batch.
 *
 * @example
 * const follower = new IndexFollower({ engine, db, collectionId, writer, sequenceOf: (change) => change.embedSequence });
 * follower.start();
 * await follower.close();
 */
export class IndexFollower {
  readonly #options: FollowerOptions;
  readonly #clock: Clock;
  readonly #stop = new AbortController();
  readonly #wakeup = new Wakeup();
  readonly #indexIds: readonly number[];
  #running: Promise<void> | undefined;
  #unlisten: (() => Promise<void>) | undefined;
  #batchSize: number;
  #failedAttempts = 0;
  /** False at first: the process before may have been killed while it built. */
  #hasCaughtUp = false;

  constructor(options: FollowerOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#batchSize = options.batchSize ?? BATCH_SIZE;
    this.#indexIds = [...options.writer.indexIds].sort((left, right) => left - right);
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** Looks for changes now. */
  wake(): void {
    this.#wakeup.signal();
  }

  /** Stops at once; a batch that is being committed is committed, one that is being prepared is dropped. */
  async close(): Promise<void> {
    this.#stop.abort();
    this.#wakeup.signal();
    await this.#running;
    await this.#unlisten?.().catch(() => {});
    this.#unlisten = undefined;
  }

  get #stopped(): boolean {
    return this.#stop.signal.aborted;
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      try {
        this.#unlisten ??= await this.#options.engine.listen(itemsChannel(this.#options.collectionId), () =>
          this.wake(),
        );
        const applied = await this.#readApplied();
        // The indexes are gone: their collection was deleted.
        if (applied === null) return;
        await this.#followFrom(applied);
        await this.#wakeup.wait(this.#options.pollMilliseconds ?? POLL_MILLISECONDS);
      } catch (error) {
        if (this.#stopped) return;
        if (error instanceof OutdatedError) {
          this.#options.onOutdated?.();
          return;
        }
        this.#options.onError?.(error);
        await this.#backOff(error);
      }
    }
  }

  async #readApplied(): Promise<number | null> {
    const { db } = this.#options;
    const applied = await readApplied(db, this.#indexIds);
    if (applied.length < this.#indexIds.length) return null;
    const lowest = Math.min(...applied);
    if (applied.some((sequence) => sequence !== lowest)) await alignApplied(db, this.#indexIds, lowest);
    return lowest;
  }

  /** Applies batches until the log is read through or somebody else is ahead. */
  async #followFrom(applied: number): Promise<void> {
    let current = await this.#nextBatch(applied);
    const hadWork = current !== null;
    while (current !== null && !this.#stopped) {
      // The next batch is read and prepared while this one is committed.
      const upcoming = this.#nextBatch(current.to);
      upcoming.catch(() => {});
      if (!(await this.#commit(current))) return;
      this.#failedAttempts = 0;
      this.#batchSize = Math.min(this.#batchSize * 2, this.#options.batchSize ?? BATCH_SIZE);
      this.#options.onApplied?.(current.to);
      const pause = this.#options.throttleMilliseconds ?? 0;
      if (pause > 0) await this.#pause(pause);
      current = this.#stopped ? null : await this.#unlessStopped(upcoming);
    }
    if (hadWork) this.#hasCaughtUp = false;
    if (this.#hasCaughtUp || this.#stopped) return;
    await this.#options.onCaughtUp?.();
    this.#hasCaughtUp = true;
  }

  async #nextBatch(from: number): Promise<Batch | null> {
    const { db, collectionId, writer, sequenceOf } = this.#options;
    const changes = await readChanges(db, collectionId, from, this.#batchSize);
    const last = changes.at(-1);
    if (last === undefined) return null;
    const relevant = changes.filter((change) => sequenceOf(change) > from);
    const prepared =
      relevant.length === 0
        ? { write: async () => {}, failures: [] }
        : await this.#unlessStopped(this.#prepare(writer, relevant));
    return prepared === null ? null : { from, to: last.sequence, changes: relevant, prepared };
  }

  async #prepare(writer: IndexWriter, changes: readonly Change[]): Promise<PreparedBatch> {
    try {
      return await writer.prepare(changes);
    } catch (error) {
      if (!this.#setsAside(changes, error)) throw error;
      return { write: async () => {}, failures: [describeFailure(changes[0]!, 'prepare', error)] };
    }
  }

  /** False when somebody else applied the batch. */
  async #commit(batch: Batch): Promise<boolean> {
    try {
      return await this.#write(batch, batch.prepared);
    } catch (error) {
      if (error instanceof OutdatedError || !this.#setsAside(batch.changes, error)) throw error;
      const failures = [describeFailure(batch.changes[0]!, 'write', error)];
      return await this.#write(batch, { write: async () => {}, failures });
    }
  }

  async #write(batch: Batch, prepared: PreparedBatch): Promise<boolean> {
    const itemIds = batch.changes.map((change) => change.id);
    try {
      await this.#options.db.transaction().execute(async (transaction) => {
        // First, because it makes a second follower wait here instead of running into the same rows.
        const isOurs = await advanceApplied(transaction, this.#indexIds, batch.from, batch.to);
        if (!isOurs) throw new OvertakenError();
        if ((await this.#options.isCurrent?.(transaction)) === false) throw new OutdatedError();
        await prepared.write(transaction);
        await replaceFailures(transaction, this.#indexIds, itemIds, prepared.failures, this.#clock.now());
      });
      return true;
    } catch (error) {
      if (error instanceof OvertakenError) return false;
      throw error;
    }
  }

  /** A single item that keeps failing by its own fault is recorded and passed. */
  #setsAside(changes: readonly Change[], error: unknown): boolean {
    return changes.length === 1 && isItemFault(error) && this.#failedAttempts >= ATTEMPTS_ON_ONE_ITEM - 1;
  }

  async #backOff(error: unknown): Promise<void> {
    this.#failedAttempts++;
    if (isItemFault(error) && this.#batchSize > 1) {
      // Somewhere in the batch is an item that cannot be indexed: close in on it.
      this.#batchSize = Math.ceil(this.#batchSize / 4);
      this.#failedAttempts = 0;
    }
    await this.#pause(
      Math.min(FIRST_BACKOFF_MILLISECONDS * 2 ** Math.min(this.#failedAttempts, 16), MAX_BACKOFF_MILLISECONDS),
    );
  }

  async #pause(milliseconds: number): Promise<void> {
    await this.#unlessStopped(new Promise<null>((resolve) => setTimeout(resolve, milliseconds, null).unref()));
  }

  /** Null as soon as the follower is stopped: an encoder may take long and its work is dropped anyway. */
  async #unlessStopped<T>(work: Promise<T>): Promise<T | null> {
    // First: dropped work may fail later, when its encoder is closed, and nobody awaits it any more.
    work.catch(() => {});
    const { signal } = this.#stop;
    if (signal.aborted) return null;
    let onAbort = (): void => {};
    const stopped = new Promise<null>((resolve) => {
      onAbort = () => resolve(null);
      signal.addEventListener('abort', onAbort, { once: true });
    });
    try {
      return await Promise.race([work, stopped]);
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }
}
