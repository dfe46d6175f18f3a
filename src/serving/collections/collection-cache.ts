import type { Clock } from '../../foundation/core/clock.ts';
import type { Collection } from './schema.ts';

/** A net under the notifications: what another process changed is seen after this long at most. */
const TIME_TO_LIVE_MILLISECONDS = 2000;

interface Entry {
  readonly collection: Promise<Collection | null>;
  readonly loadedAt: number;
}

/** Collections by name. Only found ones stay, so a collection that another process makes is seen at once. */
export class CollectionCache {
  readonly #entries = new Map<string, Entry>();
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async get(name: string, load: () => Promise<Collection | null>): Promise<Collection | null> {
    const now = this.#clock.now().getTime();
    const cached = this.#entries.get(name);
    if (cached !== undefined && now - cached.loadedAt < TIME_TO_LIVE_MILLISECONDS) return await cached.collection;
    const entry: Entry = { collection: load(), loadedAt: now };
    this.#entries.set(name, entry);
    const drop = (): void => {
      if (this.#entries.get(name) === entry) this.#entries.delete(name);
    };
    try {
      const collection = await entry.collection;
      if (collection === null) drop();
      return collection;
    } catch (error) {
      drop();
      throw error;
    }
  }

  forget(name: string): void {
    this.#entries.delete(name);
  }
}
