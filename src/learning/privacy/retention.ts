import type { Clock } from '../../foundation/core/clock.ts';
import type { Db } from '../../foundation/database/tables.ts';
import type { FeedbackSettingsStore } from '../feedback/feedback-settings-store.ts';
import { deleteSearches } from './erasure-queries.ts';
import {
  deleteExpiredBatches,
  deleteExpiredEvents,
  deleteExpiredProfiles,
  deleteExpiredSessions,
  lockExpiredSearches,
  tryLockRetention,
} from './retention-queries.ts';
import { unlearn } from './unlearn.ts';

export interface RetentionOptions {
  readonly db: Db;
  readonly clock: Clock;
  readonly settings: FeedbackSettingsStore;
  readonly onError: (error: unknown) => void;
  readonly intervalMilliseconds?: number;
}

/** What a sweep deleted. */
export interface Swept {
  searches: number;
  events: number;
  sessions: number;
  batches: number;
  /** Profiles of users that have done nothing since. */
  profiles: number;
  /** Remembered queries that nobody has asked since. */
  memories: number;
}

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** Rows deleted in one transaction. */
const CHUNK = 500;

/**
 * Deletes searches, events and sessions that are older than their collection keeps them (`retentionDays`): when it starts
 * and every hour, in one process at a time. What memory learned from them is due to be learned again from what remains.
 */
export class Retention {
  readonly #options: RetentionOptions;
  #timer: NodeJS.Timeout | undefined;
  #sweeping: Promise<unknown> = Promise.resolve();
  #isClosed = false;

  constructor(options: RetentionOptions) {
    this.#options = options;
  }

  start(): void {
    const sweep = (): void => {
      this.#sweeping = this.sweep().catch(this.#options.onError);
    };
    this.#timer = setInterval(sweep, this.#options.intervalMilliseconds ?? HOUR);
    this.#timer.unref();
    sweep();
  }

  /** Resolves when the chunk that is being deleted is done. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#timer);
    await this.#sweeping;
  }

  /** Deletes all that is too old now; stops early where another process does the same. */
  async sweep(): Promise<Swept> {
    const { db, clock, settings } = this.#options;
    const swept: Swept = { searches: 0, events: 0, sessions: 0, batches: 0, profiles: 0, memories: 0 };
    for (const { id } of await db.selectFrom('collections').select('id').orderBy('id').execute()) {
      const { retentionDays } = await settings.of(id);
      if (retentionDays === null) continue;
      const before = new Date(clock.now().getTime() - retentionDays * DAY);
      let left = true;
      while (left && !this.#isClosed) {
        left = await db.transaction().execute(async (transaction) => {
          if (!(await tryLockRetention(transaction))) return false;
          return await sweepChunk(transaction, id, before, swept);
        });
      }
    }
    return swept;
  }
}

/** One chunk of a collection; true when there may be more. */
async function sweepChunk(transaction: Db, collectionId: number, before: Date, swept: Swept): Promise<boolean> {
  const searches = await lockExpiredSearches(transaction, collectionId, before, CHUNK);
  if (searches.length > 0) {
    const gone = await deleteSearches(
      transaction,
      searches.map(({ id }) => id),
    );
    const queryKeys = searches.flatMap(({ query_key }) => query_key ?? []);
    const { dropped } = await unlearn(transaction, collectionId, queryKeys);
    swept.searches += searches.length;
    swept.events += gone.reduce((sum, { events }) => sum + events, 0);
    swept.memories += dropped;
    return true;
  }
  const events = await deleteExpiredEvents(transaction, collectionId, before, CHUNK);
  const sessions = await deleteExpiredSessions(transaction, collectionId, before, CHUNK);
  const profiles = await deleteExpiredProfiles(transaction, collectionId, before, CHUNK);
  swept.events += events;
  swept.profiles += profiles;
  swept.sessions += sessions;
  swept.batches += await deleteExpiredBatches(transaction, collectionId, before);
  return events === CHUNK || sessions === CHUNK || profiles === CHUNK;
}
