import { sql } from 'kysely';
import type { Clock } from '../../../foundation/core/clock.ts';
import { StudioError } from '../../../foundation/core/errors.ts';
import { isId, newId } from '../../../foundation/core/ids.ts';
import type { Db } from '../../../foundation/database/tables.ts';
import type { FeedbackSettingsStore } from '../feedback-settings-store.ts';
import { type LoggedSearch, readLog } from './read-log.ts';
import type { Sessions } from './sessions.ts';
import { lockSessions } from './sessions-queries.ts';

/** Sessions released together: what a training begins from, the same for ever, but for what is erased. */
export interface FeedbackBatch {
  readonly id: string;
  /** The caller's own name of the release. */
  readonly key: string;
  readonly sessions: number;
  readonly searches: number;
  readonly events: number;
  readonly releasedAt: Date;
}

export interface BatchesOptions {
  readonly db: Db;
  readonly clock: Clock;
  readonly settings: FeedbackSettingsStore;
  readonly sessions: Sessions;
}

/**
 * Releases finished sessions in batches. Each session that counts is in one batch or in none yet, so that trainings
 * that each take the next batch see every session once.
 *
 * @example const { id } = await batches.release(collection.id, 'week 12');
 */
export class Batches {
  readonly #options: BatchesOptions;

  constructor(options: BatchesOptions) {
    this.#options = options;
  }

  /**
   * Puts all finished sessions that count and are in no batch into a new one, all or nothing. The same key again
   * returns the batch that is there, whatever has happened since: whoever got no answer may ask again.
   */
  async release(
    collectionId: number,
    key: string,
  ): Promise<{ readonly batch: FeedbackBatch; readonly created: boolean }> {
    const { db, clock, settings, sessions } = this.#options;
    const known = await this.#find(db, collectionId, key);
    if (known !== null) return { batch: known, created: false };
    await sessions.refresh(collectionId);
    const { sessionGapMinutes } = await settings.of(collectionId);
    return await db.transaction().execute(async (transaction) => {
      await lockSessions(transaction, collectionId);
      const made = await this.#find(transaction, collectionId, key);
      if (made !== null) return { batch: made, created: false };
      const now = clock.now();
      const batch = { id: newId(now), key, releasedAt: now, sessions: 0, searches: 0, events: 0 };
      const counts = await claimSessions(
        transaction,
        collectionId,
        batch,
        new Date(now.getTime() - sessionGapMinutes * 60_000),
      );
      await transaction
        .insertInto('feedback_batches')
        .values({ id: batch.id, collection_id: collectionId, key, ...counts, released_at: now })
        .execute();
      return { batch: { ...batch, ...counts }, created: true };
    });
  }

  /** Newest first; `before` is the last id of the previous page. */
  async list(collectionId: number, before: string | null, limit: number): Promise<FeedbackBatch[]> {
    const rows = await this.#options.db
      .selectFrom('feedback_batches')
      .selectAll()
      .where('collection_id', '=', collectionId)
      .$if(before !== null, (query) => query.where('id', '<', before as string))
      .orderBy('id', 'desc')
      .limit(limit)
      .execute();
    return rows.map(({ released_at, collection_id: _, ...row }) => ({ ...row, releasedAt: released_at }));
  }

  /**
   * Sessions of a batch after an id, as they were when it was released. Throws `batch_not_found`.
   */
  async read(
    collectionId: number,
    batchId: string,
    after: number,
    limit: number,
  ): Promise<Array<readonly LoggedSearch[]>> {
    const { db } = this.#options;
    const row = isId(batchId)
      ? await db
          .selectFrom('feedback_batches')
          .select('id')
          .where('id', '=', batchId)
          .where('collection_id', '=', collectionId)
          .executeTakeFirst()
      : undefined;
    if (row === undefined)
      throw new StudioError('batch_not_found', `The collection has no batch ${batchId.slice(0, 80)}.`);
    const found: Array<readonly LoggedSearch[]> = [];
    for await (const session of readLog(db, collectionId, { batchId, after, setAside: 'included' })) {
      found.push(session);
      if (found.length === limit) break;
    }
    return found;
  }

  async #find(db: Db, collectionId: number, key: string): Promise<FeedbackBatch | null> {
    const row = await db
      .selectFrom('feedback_batches')
      .selectAll()
      .where('collection_id', '=', collectionId)
      .where('key', '=', key)
      .executeTakeFirst();
    if (row === undefined) return null;
    const { released_at, collection_id: _, ...rest } = row;
    return { ...rest, releasedAt: released_at };
  }
}

/** Gives finished sessions to the batch; counts them, their searches, and their events up to now. */
async function claimSessions(
  transaction: Db,
  collectionId: number,
  batch: Pick<FeedbackBatch, 'id' | 'releasedAt'>,
  endedBefore: Date,
): Promise<{ sessions: number; searches: number; events: number }> {
  const { rows } = await sql<{ sessions: number; searches: number; events: number }>`
    with claimed as (
      update sessions set batch_id = ${batch.id} where collection_id = ${collectionId} and batch_id is null
        and ended_at < ${endedBefore} and set_aside is null and irrelevant is null
      returning id
    )
    select (select count(*) from claimed)::integer as sessions,
      (select count(*) from claimed c join searches s on s.visit = c.id)::integer as searches,
      (select count(*) from claimed c join searches s on s.visit = c.id join events e on e.search_id = s.id
        where e.received_at <= ${batch.releasedAt})::integer as events`.execute(transaction);
  return rows[0] ?? { sessions: 0, searches: 0, events: 0 };
}
