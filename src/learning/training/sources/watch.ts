/** Who follows what is computed before the first step, and may stop it. */
export interface Watch {
  readonly signal?: AbortSignal;
  readonly onProgress?: (what: string, done: number, total: number) => void;
}
