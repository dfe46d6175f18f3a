/** Where a long job says how far it is. */
export interface ProgressSink {
  /** A new phase; null when its size is not known. */
  start(phase: string, total: number | null): void;
  /** How much of the phase is done, and what it amounts to, for example `1200 items`. */
  update(done: number, note: string): void;
  /** Ends the phase; says how it came out. */
  finish(note: string): void;
  /** Takes away what a phase that failed has on the screen; nothing where none is open. */
  abandon(): void;
}
