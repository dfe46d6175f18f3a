import { type Clock, systemClock } from '../core/clock.ts';
import { StudioError } from '../core/errors.ts';
import { isId, newId } from '../core/ids.ts';
import { Wakeup } from '../core/wakeup.ts';
import type { Engine } from '../database/engine.ts';
import type { Db } from '../database/tables.ts';
import { HeldRun } from './held-run.ts';
import { hasEnded, type Run, type RunKind, type RunSummary } from './run.ts';
import { interruptedTooOften } from './run-failure.ts';
import {
  claimRun,
  deleteEndedRuns,
  endAbandoned,
  findRun,
  findRunSummary,
  freeLeases,
  insertRun,
  listRuns,
  type RunFilter,
  requestCancel,
} from './runs-queries.ts';

export interface RunsOptions {
  readonly db: Db;
  readonly engine: Engine;
  readonly kinds: readonly RunKind[];
  readonly clock?: Clock;
  readonly onError: (error: unknown) => void;
  /** Runs that this process works on at once. */
  readonly concurrency?: number;
  /** A run whose process said nothing for so long is begun again by whoever finds it. */
  readonly leaseSeconds?: number;
  readonly beatSeconds?: number;
  readonly maxQueued?: number;
  /** Ended runs are forgotten after so many days. */
  readonly keptDays?: number;
  /** Time for the work to notice that the process closes. */
  readonly closeSeconds?: number;
}

export interface ListRunsOptions extends RunFilter {
  readonly cursor?: string | undefined;
  /** 20 by default. */
  readonly limit?: number | undefined;
}

const DEFAULTS = {
  clock: systemClock,
  concurrency: 1,
  leaseSeconds: 30,
  beatSeconds: 10,
  maxQueued: 1000,
  keptDays: 30,
  closeSeconds: 5,
};
const MAX_ATTEMPTS = 5;
const CHANNEL = 'runs';
/** Runs whose process died tell nobody. */
const POLL_MILLISECONDS = 5000;
const WATCH_MILLISECONDS = 1000;
const SWEEP_MILLISECONDS = 3_600_000;
const DAY_MILLISECONDS = 86_400_000;

/**
 * Long work as rows of a table: begun by any process that has its kind, kept by a lease, begun again when its process
 * dies, cancelled from anywhere.
 *
 * @example
 * const runs = new Runs({ db, engine, kinds: [evaluation], onError });
 * runs.open();
 * const { id } = await runs.start('evaluation', collection.id, input);
 * const { state, result } = await runs.wait(id);
 */
export class Runs {
  readonly #options: RunsOptions & typeof DEFAULTS;
  readonly #kinds: ReadonlyMap<string, RunKind>;
  readonly #held = new Set<HeldRun>();
  readonly #watchers = new Map<string, Set<Wakeup>>();
  readonly #wakeup = new Wakeup();
  readonly #telling = new Set<Promise<void>>();
  #worker = newId();
  #loop: Promise<void> | null = null;
  #closing = false;
  #unlisten: (() => Promise<void>) | null = null;
  #sweptAt = Number.NEGATIVE_INFINITY;

  constructor(options: RunsOptions) {
    this.#options = { ...DEFAULTS, ...options };
    this.#kinds = new Map(options.kinds.map((kind) => [kind.kind, kind]));
  }

  /** Puts a run into the queue. Throws `overloaded` when too many wait. */
  async start(kind: string, collectionId: number | null, input: object): Promise<Run> {
    if (!this.#kinds.has(kind)) throw new Error(`There is no kind of run "${kind}".`);
    const { db, clock, maxQueued } = this.#options;
    const at = clock.now();
    const id = newId(at);
    if (!(await insertRun(db, { id, kind, collectionId, input, at }, maxQueued))) {
      throw new StudioError('overloaded', `${maxQueued} runs are waiting already.`, {
        hint: 'Wait until some have ended, or cancel those that nobody needs.',
      });
    }
    this.#tell('queued', id);
    return await this.get(id);
  }

  /** Throws `run_not_found`. */
  async get(id: string): Promise<Run> {
    const run = isId(id) ? await findRun(this.#options.db, id) : null;
    return run ?? notFound(id);
  }

  /** Newest first, without input and result. Throws `invalid_cursor`. */
  async list({ cursor, limit = 20, ...filter }: ListRunsOptions = {}): Promise<{
    readonly runs: readonly RunSummary[];
    readonly nextCursor: string | null;
  }> {
    if (cursor !== undefined && !isId(cursor))
      throw new StudioError('invalid_cursor', 'The cursor is not one of ours.');
    const page = await listRuns(this.#options.db, filter, cursor, limit + 1);
    const runs = page.slice(0, limit);
    return { runs, nextCursor: page.length > limit ? (runs.at(-1)?.id ?? null) : null };
  }

  /** Asks for the end of a run; one that has ended stays as it is. Throws `run_not_found`. */
  async cancel(id: string): Promise<Run> {
    if (!isId(id)) notFound(id);
    await requestCancel(this.#options.db, id, this.#options.clock.now());
    this.#tell('cancel', id);
    return await this.get(id);
  }

  /** The run when it has ended. Throws `run_not_found`, and the signal's reason. */
  async wait(id: string, signal?: AbortSignal): Promise<Run> {
    for await (const _ of this.watch(id, signal));
    signal?.throwIfAborted();
    return await this.get(id);
  }

  /** The run now and after each change, until it has ended or the signal says so. Throws `run_not_found`. */
  async *watch(id: string, signal?: AbortSignal): AsyncGenerator<RunSummary> {
    const wakeup = new Wakeup();
    const wake = (): void => wakeup.signal();
    const watchers = this.#watchers.get(id) ?? new Set();
    this.#watchers.set(id, watchers.add(wakeup));
    signal?.addEventListener('abort', wake);
    try {
      for (let last = ''; signal?.aborted !== true; await wakeup.wait(WATCH_MILLISECONDS)) {
        const run = (isId(id) ? await findRunSummary(this.#options.db, id) : null) ?? notFound(id);
        const current = JSON.stringify(run);
        if (current !== last) yield run;
        if (hasEnded(run)) return;
        last = current;
      }
    } finally {
      signal?.removeEventListener('abort', wake);
      watchers.delete(wakeup);
      if (watchers.size === 0) this.#watchers.delete(id);
    }
  }

  /** What of a run's input is for reading. */
  shownInput({ kind, input }: Run): object {
    return this.#kinds.get(kind)?.shown?.(input) ?? input;
  }

  /** A self-contained HTML page about a run that is done. Throws `run_not_found`, `no_report`. */
  async report(id: string): Promise<string> {
    const run = await this.get(id);
    const kind = this.#kinds.get(run.kind);
    if (kind?.report === undefined)
      throw new StudioError('no_report', `Runs of the kind "${run.kind}" have no report.`);
    if (run.result === null) throw new StudioError('no_report', `The run is ${run.state}: it has no result to report.`);
    return kind.report(run.result, run);
  }

  /** Begins to work on what waits. */
  open(): void {
    if (this.#loop !== null) return;
    this.#closing = false;
    this.#worker = newId();
    this.#loop = this.#work();
  }

  /** Takes nothing new; what runs is stopped and put back into the queue. */
  async close(): Promise<void> {
    this.#closing = true;
    this.#wakeup.signal();
    await this.#loop;
    await Promise.all([...this.#held].map((held) => held.close()));
    await this.#unlisten?.();
    await Promise.all(this.#telling);
    this.#unlisten = null;
    this.#loop = null;
  }

  async #work(): Promise<void> {
    const { db, engine, clock, onError } = this.#options;
    let isAlone = engine.kind === 'pglite';
    while (!this.#closing) {
      try {
        this.#unlisten ??= await engine.listen(CHANNEL, this.#hear, this.#lookAround);
        // The embedded database lets one process in: what still runs there, runs nowhere.
        if (isAlone) await freeLeases(db, clock.now());
        isAlone = false;
        await this.#sweep();
        if (this.#held.size < this.#options.concurrency && (await this.#claim())) continue;
      } catch (error) {
        onError(error);
      }
      if (!this.#closing) await this.#wakeup.wait(POLL_MILLISECONDS);
    }
  }

  async #claim(): Promise<boolean> {
    const { db, clock, leaseSeconds } = this.#options;
    const now = clock.now();
    for (const id of await endAbandoned(db, now, MAX_ATTEMPTS, interruptedTooOften(MAX_ATTEMPTS)))
      this.#tell('changed', id);
    const until = new Date(now.getTime() + leaseSeconds * 1000);
    const claim = await claimRun(db, this.#worker, [...this.#kinds.keys()], now, until);
    const kind = this.#kinds.get(claim?.kind ?? '');
    if (claim === null || kind === undefined) return false;
    this.#tell('changed', claim.id);
    const held = new HeldRun(claim, kind, now, {
      db,
      clock,
      leaseMilliseconds: leaseSeconds * 1000,
      beatMilliseconds: this.#options.beatSeconds * 1000,
      closeMilliseconds: this.#options.closeSeconds * 1000,
      onChanged: (id, isWaitingAgain) => this.#tell(isWaitingAgain ? 'queued' : 'changed', id),
      onError: this.#options.onError,
    });
    this.#held.add(held);
    void held.ended.then(() => {
      this.#held.delete(held);
      this.#wakeup.signal();
    });
    return true;
  }

  async #sweep(): Promise<void> {
    const { db, clock, keptDays } = this.#options;
    const now = clock.now().getTime();
    if (now - this.#sweptAt < SWEEP_MILLISECONDS) return;
    await deleteEndedRuns(db, new Date(now - keptDays * DAY_MILLISECONDS));
    this.#sweptAt = now;
  }

  #tell(what: 'queued' | 'changed' | 'cancel', id: string): void {
    const telling = this.#options.engine
      .notify(CHANNEL, `${what} ${id}`)
      .catch(this.#options.onError)
      .finally(() => this.#telling.delete(telling));
    this.#telling.add(telling);
  }

  readonly #hear = (payload: string): void => {
    const [what, id = ''] = payload.split(' ');
    if (what === 'queued') this.#wakeup.signal();
    if (what === 'cancel') for (const held of this.#held) if (held.id === id) held.look();
    for (const watcher of this.#watchers.get(id) ?? []) watcher.signal();
  };

  /** After notifications were lost. */
  readonly #lookAround = (): void => {
    this.#wakeup.signal();
    for (const held of this.#held) held.look();
  };
}

function notFound(id: string): never {
  throw new StudioError('run_not_found', `There is no run "${id.slice(0, 80)}".`);
}
