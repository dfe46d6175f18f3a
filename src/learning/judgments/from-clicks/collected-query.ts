/** One page that was shown for a query, items by number. */
export interface CollectedPage {
  readonly client: number;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly firstPosition: number;
  readonly items: Int32Array;
  readonly clicked: Uint8Array;
}

/** Newest pages of one query that count. More change its judgments little, and a burst of them shall not. */
const PAGES_OF_QUERY = 500;
/** Newest pages of one client, among them. */
const PAGES_OF_CLIENT = 50;

/** The pages of one query, of which only the newest are kept. */
export class CollectedQuery {
  readonly queryKey: string;
  /** Its text as it was typed last. */
  text: string;
  /** Pages that were dropped for newer ones. */
  dropped = 0;
  #textAt = Number.NEGATIVE_INFINITY;
  #pages: CollectedPage[] = [];

  constructor(queryKey: string) {
    this.queryKey = queryKey;
    this.text = queryKey;
  }

  /** Returns by how much the number of kept pages has changed. */
  add(page: CollectedPage, text: string): number {
    if (page.at >= this.#textAt) {
      this.text = text;
      this.#textAt = page.at;
    }
    const before = this.#pages.length;
    this.#pages.push(page);
    if (this.#pages.length >= 2 * PAGES_OF_QUERY) this.#dropOld();
    return this.#pages.length - before;
  }

  /** The pages that count, newest first. */
  pages(): readonly CollectedPage[] {
    this.#dropOld();
    return this.#pages;
  }

  #dropOld(): void {
    const kept: CollectedPage[] = [];
    const ofClient = new Map<number, number>();
    for (const page of this.#pages.sort((left, right) => right.at - left.at)) {
      const count = (ofClient.get(page.client) ?? 0) + 1;
      if (kept.length >= PAGES_OF_QUERY || count > PAGES_OF_CLIENT) continue;
      ofClient.set(page.client, count);
      kept.push(page);
    }
    this.dropped += this.#pages.length - kept.length;
    this.#pages = kept;
  }
}
