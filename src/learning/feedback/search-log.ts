import type { Db } from '../../foundation/database/tables.ts';
import { isDataFault } from '../../serving/collections/data-faults.ts';
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
  /** A group is going to be taken from the buffer when the one that is being written is done. */
  #isNextAsked = false;

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
    // One group is written at a time and the rest stays in the buffer, whose length is bounded, even when the database
    // takes for ever.
    if (this.#waiting.length > 0 && !this.#isNextAsked) {
      this.#isNextAsked = true;
      this.#writing = this.#writing.then(() => {
        this.#isNextAsked = false;
        const batch = this.#waiting;
        this.#waiting = [];
        return this.#write(batch);
      });
    }
    return this.#writing;
  }

  async shown(searchId: string): Promise<{ collectionId: number; itemIds: readonly string[] } | null> {
    await this.flush();
    const [search] = await readSearches(this.#options.db, [searchId]);
    return search === undefined ? null : { collectionId: search.collectionId, itemIds: search.itemIds };
  }

  async #write(batch: readonly ShownSearch[]): Promise<void> {
    const fresh = batch.filter((shown) => !shown.continues);
    if (fresh.length > 0) await this.#insert(fresh);
    for (const page of batch) {
      if (page.continues) await extendSearch(this.#options.db, page).catch((error) => this.#options.onLost(1, error));
    }
  }

  async #insert(fresh: readonly ShownSearch[]): Promise<void> {
    try {
      await insertSearches(this.#options.db, fresh);
    } catch (error) {
      if (fresh.length === 1 || !isDataFault(error)) return this.#options.onLost(fresh.length, error);
      // One of them cannot be stored, for example because its collection is being deleted: the others can.
      const middle = Math.ceil(fresh.length / 2);
      await this.#insert(fresh.slice(0, middle));
      await this.#insert(fresh.slice(middle));
    }
  }
}
