/** A signal that is not lost when nobody waits: the next wait returns at once. */
export class Wakeup {
  #signalled = false;
  #resolve: (() => void) | undefined;

  signal(): void {
    this.#signalled = true;
    this.#resolve?.();
  }

  /** Returns after a signal or after the time, whichever is first. One waiter at a time. */
  async wait(milliseconds: number): Promise<void> {
    if (!this.#signalled) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, milliseconds);
        this.#resolve = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    this.#resolve = undefined;
    this.#signalled = false;
  }
}
