export const RUN_STATES = ['queued', 'running', 'done', 'failed', 'cancelled'] as const;
export type RunState = (typeof RUN_STATES)[number];

/** How far a run is, in units of its own; null when nobody knows how many there are. */
export interface RunProgress {
  readonly done: number;
  readonly total: number | null;
  /** What is being done, in a few words. */
  readonly message?: string;
  readonly [key: string]: unknown;
}

/** Why a run failed: a code of the error table and what to do about it. */
export interface RunFailure {
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
}

/** A run without what went in and what came out, which may be large. */
export interface RunSummary {
  readonly id: string;
  readonly kind: string;
  /** Name of the collection that it belongs to. */
  readonly collection: string | null;
  readonly state: RunState;
  readonly progress: RunProgress | null;
  readonly error: RunFailure | null;
  readonly cancelRequested: boolean;
  /** How often it was begun; more than once when a process died with it. */
  readonly attempts: number;
  readonly createdAt: Date;
  readonly startedAt: Date | null;
  readonly endedAt: Date | null;
}

export interface Run extends RunSummary {
  readonly input: object;
  readonly result: object | null;
}

/** What the work of a run is given. */
export interface RunContext {
  readonly runId: string;
  /** 1 the first time; higher when a process died with the run. */
  readonly attempt: number;
  /** Aborted when the run is cancelled, the process closes, or another process has taken the run over. */
  readonly signal: AbortSignal;
  /** Call it as often as you like: what is newest is stored twice a second. */
  progress(progress: RunProgress): void;
}

/**
 * One kind of long work. It may be begun again from the start after the death of a process, so what it does must bear
 * being done twice. A StudioError that it throws is told as it is; any other becomes `internal`.
 */
export interface RunKind<Input extends object = object, Result extends object = object> {
  readonly kind: string;
  work(input: Input, context: RunContext): Promise<Result>;
  /** The input as it is shown, where it holds more than anybody wants to read. */
  shown?(input: Input): object;
  /** A self-contained HTML page about the result. */
  report?(result: Result, run: RunSummary): string;
}

export const hasEnded = ({ state }: { readonly state: RunState }): boolean => state !== 'queued' && state !== 'running';
