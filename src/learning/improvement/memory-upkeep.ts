export interface MemoryUpkeepOptions {
  /** Encodes some memories again; says whether more may be left. */
  readonly reencode: () => Promise<boolean>;
  readonly onError: (error: unknown) => void;
  readonly intervalMilliseconds?: number;
}

/** Keeps memories comparable with today's searches, in the background and in small pieces. */
export class MemoryUpkeep {
  readonly #options: MemoryUpkeepOptions;
  #timer: NodeJS.Timeout | undefined;
  #working: Promise<void> | null = null;
  #isClosed = false;

  constructor(options: MemoryUpkeepOptions) {
    this.#options = options;
  }

  start(): void {
    this.#timer = setInterval(() => void this.run(), this.#options.intervalMilliseconds ?? 60_000);
    this.#timer.unref();
    void this.run();
  }

  /** Resolves when the piece that is being worked on is done. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#timer);
    await this.#working;
  }

  /** Resolves when nothing is left to do, or something failed: then the next round tries again. */
  run(): Promise<void> {
    this.#working ??= this.#work()
      .catch(this.#options.onError)
      .finally(() => {
        this.#working = null;
      });
    return this.#working;
  }

  async #work(): Promise<void> {
    while (!this.#isClosed && (await this.#options.reencode()));
  }
}
