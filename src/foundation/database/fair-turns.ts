/** Gives one holder at a time its turn, in the order in which they asked. */
export class FairTurns {
  #tail: Promise<void> = Promise.resolve();

  /** Resolves with the function that ends the turn; calling it again does nothing. */
  take(): Promise<() => void> {
    let end = (): void => {};
    const ended = new Promise<void>((resolve) => {
      end = resolve;
    });
    const turn = this.#tail.then(() => end);
    this.#tail = this.#tail.then(() => ended);
    return turn;
  }
}
