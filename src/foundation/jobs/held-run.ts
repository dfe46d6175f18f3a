import type { Clock } from '../core/clock.ts';
import { Wakeup } from '../core/wakeup.ts';
import type { Db } from '../database/tables.ts';
import type { RunKind, RunProgress } from './run.ts';
import { failureOf } from './run-failure.ts';
import {
  type Claim,
  type Ending,
  endRun,
  putBack,
  renewLease,
  type Standing,
  standingOfClaim,
} from './runs-queries.ts';

export interface HeldRunOptions {
  readonly db: Db;
  readonly clock: Clock;
  readonly leaseMilliseconds: number;
  readonly beatMilliseconds: number;
  /** Time for the work to notice that the process closes. */
  readonly closeMilliseconds: number;
  readonly onChanged: (id: string, isWaitingAgain: boolean) => void;
  readonly onError: (error: unknown) => void;
}

type StopReason = 'cancelled' | 'closing' | 'lost';

/** How often progress is stored, and how often we look whether somebody wants the run cancelled. */
const TICK_MILLISECONDS = 500;
const LOOK_MILLISECONDS = 1000;

/** A run that this process works on: keeps its lease, stores its progress, and writes down how it ends. */
export class HeldRun {
  readonly #claim: Claim;
  readonly #kind: RunKind;
  readonly #options: HeldRunOptions;
  readonly #abort = new AbortController();
  readonly #wakeup = new Wakeup();
  readonly #givenUp = Promise.withResolvers<'put-back'>();
  readonly #ended: Promise<void>;
  #stopReason: StopReason | null = null;
  #progress: RunProgress | null = null;
  #renewedAt: Date;
  #lookedAt = performance.now();
  #over = false;

  constructor(claim: Claim, kind: RunKind, claimedAt: Date, options: HeldRunOptions) {
    this.#claim = claim;
    this.#kind = kind;
    this.#options = options;
    this.#renewedAt = claimedAt;
    this.#ended = this.#run();
  }

  get id(): string {
    return this.#claim.id;
  }

  /** Resolves when the work has ended and that is written down; never rejects. */
  get ended(): Promise<void> {
    return this.#ended;
  }

  /** Looks now whether somebody wants the run cancelled. */
  look(): void {
    this.#lookedAt = Number.NEGATIVE_INFINITY;
    this.#wakeup.signal();
  }

  /** Stops the work and puts the run back, so that another process goes on at once. */
  async close(): Promise<void> {
    this.#stop('closing');
    const timer = setTimeout(() => this.#givenUp.resolve('put-back'), this.#options.closeMilliseconds);
    await this.#ended;
    clearTimeout(timer);
  }

  async #run(): Promise<void> {
    const keeping = this.#keep();
    const ending = await Promise.race([this.#work(), this.#givenUp.promise]);
    this.#over = true;
    this.#wakeup.signal();
    await keeping;
    if (this.#stopReason === 'lost') return;
    const { db, clock, onChanged, onError } = this.#options;
    try {
      if (ending === 'put-back') await putBack(db, this.#claim, clock.now());
      else await endRun(db, this.#claim, ending, this.#progress, clock.now());
      onChanged(this.id, ending === 'put-back');
    } catch (error) {
      // The lease runs out, and somebody begins it again.
      onError(error);
    }
  }

  async #work(): Promise<Ending | 'put-back'> {
    try {
      const result = await this.#kind.work(this.#claim.input, {
        runId: this.id,
        attempt: this.#claim.attempt,
        signal: this.#abort.signal,
        progress: (progress) => {
          this.#progress = progress;
        },
      });
      return { state: 'done', result, error: null };
    } catch (error) {
      if (this.#stopReason === 'cancelled') return { state: 'cancelled', result: null, error: null };
      if (this.#stopReason !== null) return 'put-back';
      const failure = failureOf(error);
      if (failure.code === 'internal')
        this.#options.onError(new Error(`run ${this.id} (${this.#kind.kind})`, { cause: error }));
      return { state: 'failed', result: null, error: failure };
    }
  }

  async #keep(): Promise<void> {
    const { clock, leaseMilliseconds, onError } = this.#options;
    while (!this.#over) {
      await this.#wakeup.wait(TICK_MILLISECONDS);
      if (this.#over) return;
      try {
        const standing = await this.#tick();
        if (standing === 'lost') this.#stop('lost');
        if (standing === 'cancel-requested') this.#stop('cancelled');
      } catch (error) {
        onError(error);
        // Nobody could be told that we still work: by now somebody else may.
        if (clock.now().getTime() >= this.#renewedAt.getTime() + leaseMilliseconds) this.#stop('lost');
      }
    }
  }

  async #tick(): Promise<Standing> {
    const { db, clock, leaseMilliseconds, beatMilliseconds, onChanged } = this.#options;
    const now = clock.now();
    const progress = this.#progress;
    if (progress !== null || now.getTime() - this.#renewedAt.getTime() >= beatMilliseconds) {
      this.#progress = null;
      const until = new Date(now.getTime() + leaseMilliseconds);
      const standing = await renewLease(db, this.#claim, until, progress).catch((error) => {
        this.#progress ??= progress;
        throw error;
      });
      this.#renewedAt = now;
      this.#lookedAt = performance.now();
      if (progress !== null) onChanged(this.id, false);
      return standing;
    }
    if (performance.now() - this.#lookedAt < LOOK_MILLISECONDS) return 'held';
    this.#lookedAt = performance.now();
    return await standingOfClaim(db, this.#claim);
  }

  #stop(reason: StopReason): void {
    if (this.#stopReason !== null) {
      // Whoever was overtaken writes nothing any more, whatever it was stopped for before.
      if (reason === 'lost') this.#stopReason = reason;
      return;
    }
    this.#stopReason = reason;
    this.#abort.abort(new Error(`The run was stopped: ${reason}.`));
  }
}
