import type { Db } from '../../../foundation/database/tables.ts';
import type { FeedbackSettingsStore } from '../feedback-settings-store.ts';
import { groupSearches } from './group-searches.ts';
import {
  hasLooseSearches,
  lockSessions,
  readLooseSearches,
  readOpenSessions,
  writeGroups,
} from './sessions-queries.ts';

/** Searches sorted in one transaction. */
const CHUNK = 2000;

export interface SessionsOptions {
  readonly db: Db;
  readonly settings: FeedbackSettingsStore;
}

/** Sorts the record of searches into sessions: lazily, so that a search does not wait for it. */
export class Sessions {
  readonly #options: SessionsOptions;

  constructor(options: SessionsOptions) {
    this.#options = options;
  }

  /** Gives every search of the collection that has none its session; returns how many had none. */
  async refresh(collectionId: number): Promise<number> {
    const { db, settings } = this.#options;
    const gap = (await settings.of(collectionId)).sessionGapMinutes * 60_000;
    let sorted = 0;
    while (await hasLooseSearches(db, collectionId)) {
      sorted += await db.transaction().execute(async (transaction) => {
        await lockSessions(transaction, collectionId);
        const searches = await readLooseSearches(transaction, collectionId, CHUNK);
        if (searches.length === 0) return 0;
        const times = searches.map(({ at }) => at.getTime());
        const open = await readOpenSessions(transaction, collectionId, [...new Set(searches.map((s) => s.client))], {
          from: new Date(times.reduce((least, time) => Math.min(least, time)) - gap),
          to: new Date(times.reduce((most, time) => Math.max(most, time)) + gap),
        });
        await writeGroups(transaction, collectionId, groupSearches(searches, open, gap));
        return searches.length;
      });
    }
    return sorted;
  }
}
