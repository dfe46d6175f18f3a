/** Lets waiters know that something went on, by key. */
export class Progress {
  readonly #waiting = new Map<number, Set<() => void>>();

  announce(key: number): void {
    const waiting = this.#waiting.get(key);
    this.#waiting.delete(key);
    for (const resolve of waiting ?? []) resolve();
  }

  /** Takes hold of the next announcement now, to be waited for later: none between the two is missed. */
  next(key: number): NextProgress {
    let announced = false;
    let onAnnounced = (): void => {};
    const resolve = (): void => {
      announced = true;
      onAnnounced();
    };
    const waiting = this.#waiting.get(key) ?? new Set();
    this.#waiting.set(key, waiting.add(resolve));
    return {
      orAfter: async (milliseconds) => {
        if (!announced) {
          await new Promise<void>((done) => {
            const timer = setTimeout(done, milliseconds);
            onAnnounced = () => {
              clearTimeout(timer);
              done();
            };
          });
        }
        waiting.delete(resolve);
      },
    };
  }
}

export interface NextProgress {
  orAfter(milliseconds: number): Promise<void>;
}
