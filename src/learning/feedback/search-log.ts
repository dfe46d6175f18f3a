import type { Db } from '../../foundation/database/tables.ts';
import type { SearchRecorder, ShownSearch } from '../../serving/search/search-recorder.ts';
import { extendSearch, insertSearches, readSearches } from './feedback-queries.ts';

export interface SearchLogOptions {
  readonly db: Db;
  /** Told about searches that could not be stored; the searches themselves have been answered. */
  readonly onLost: (count: number, error: unknown) => void;
  /** Longest time that a search waits in the buffer. */
  readonly flushMilliseconds?: number;
  /** Above this many waiting searches the oldest are given up, so that a dead database cannot fill the memory. */
  readonly maxWaiting?: number;
}

/**
 * Keeps the record of what was shown. Searches are written behind the answer in groups, so that recording costs a
 * search no round trip; `flush` makes everything recorded so far visible, which events ask for first.
 */
export class SearchLog implements SearchRecorder {
  readonly #options: Required<SearchLogOptions>;
  #waiting: ShownSearch[] = [];
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();

  constructor(options: SearchLogOptions) {
    this.#options = { flushMilliseconds: 20, maxWaiting: 10_000, ...options };
  }

  record(shown: ShownSearch): void {
    if (this.#waiting.length >= this.#options.maxWaiting) {
      this.#waiting.shift();
      this.#options.onLost(1, new Error('the buffer of searches is full'));
    }
    this.#waiting.push(shown);
    this.#timer ??= setTimeout(() => void this.flush(), this.#options.flushMilliseconds);
  }

  /** Resolves when all searches recorded before the call are stored (or reported lost). */
  flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const batch = this.#waiting;
    this.#waiting = [];
    if (batch.length > 0) this.#writing = this.#writing.then(() => this.#write(batch));
    return this.#writing;
  }

  async shown(searchId: string): Promise<{ collectionId: number; itemIds: readonly string[] } | null> {
    await this.flush();
    const [search] = await readSearches(this.#options.db, [searchId]);
    return search === undefined ? null : { collectionId: search.collectionId, itemIds: search.itemIds };
  }

  async #write(batch: readonly ShownSearch[]): Promise<void> {
    const { db, onLost } = this.#options;
    try {
      const fresh = batch.filter((shown) => !shown.continues);
      if (fresh.length > 0) await insertSearches(db, fresh);
      for (const page of batch) if (page.continues) await extendSearch(db, page);
    } catch (error) {
      onLost(batch.length, error);
    }
  }
}
