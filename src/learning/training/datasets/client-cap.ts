/** Lets through so many searches of each client: nobody makes a model alone. Which stay does not depend on what was clicked. */
export class ClientCap {
  readonly #cap: number;
  readonly #seen = new Map<string, number>();
  /** Searches that were left out. */
  dropped = 0;

  constructor(cap: number) {
    this.#cap = cap;
  }

  admits(client: string): boolean {
    const seen = (this.#seen.get(client) ?? 0) + 1;
    this.#seen.set(client, seen);
    if (seen > this.#cap) this.dropped++;
    return seen <= this.#cap;
  }
}
