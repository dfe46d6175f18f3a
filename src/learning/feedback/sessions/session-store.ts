import type { Selectable } from 'kysely';
import { StudioError } from '../../../foundation/core/errors.ts';
import type { Db, Tables } from '../../../foundation/database/tables.ts';
import { oweMemory } from '../guards/guards-queries.ts';
import type { Suspicion } from '../guards/session-guards.ts';
import { type LoggedSearch, readSession } from './read-log.ts';
import type { Sessions } from './sessions.ts';

export interface SessionSummary {
  readonly id: number;
  readonly client: string;
  readonly startedAt: Date;
  readonly endedAt: Date;
  readonly searches: number;
  /** Why the guards have set it aside; null when they have not. */
  readonly setAside: readonly Suspicion[] | null;
  /** Why a person has taken it out; null when nobody has. */
  readonly irrelevant: string | null;
  /** Whether a person has said that it counts, whatever the guards say. */
  readonly cleared: boolean;
  readonly batchId: string | null;
}

export interface SessionMark {
  /** Takes the session out, with the reason; null takes it back in. */
  readonly irrelevant?: string | null | undefined;
  /** True: counts, whatever the guards say. False: they look at it again when its client does something. */
  readonly cleared?: boolean | undefined;
}

/** Sessions as people look at them. */
export class SessionStore {
  readonly #db: Db;
  readonly #sessions: Sessions;

  constructor(db: Db, sessions: Sessions) {
    this.#db = db;
    this.#sessions = sessions;
  }

  /** Newest first; `before` is the last id of the previous page. */
  async list(
    collectionId: number,
    page: { readonly before?: number | undefined; readonly limit: number; readonly setAside?: boolean | undefined },
  ): Promise<SessionSummary[]> {
    await this.#sessions.refresh(collectionId);
    const { before, limit, setAside } = page;
    const rows = await this.#db
      .selectFrom('sessions')
      .selectAll()
      .where('collection_id', '=', collectionId)
      .$if(before !== undefined, (query) => query.where('id', '<', before as number))
      .$if(setAside === true, (query) => query.where('set_aside', 'is not', null))
      .$if(setAside === false, (query) => query.where('set_aside', 'is', null))
      .orderBy('id', 'desc')
      .limit(limit)
      .execute();
    return rows.map(toSummary);
  }

  /** One session with what it searched, was shown and did. Throws `session_not_found`. */
  async get(collectionId: number, id: number): Promise<SessionSummary & { readonly log: readonly LoggedSearch[] }> {
    const row = await this.#row(collectionId, id);
    return { ...toSummary(row), log: await readSession(this.#db, id) };
  }

  /** A person's word on a session; what memory learned from its queries is learned again. Throws `session_not_found`. */
  async mark(collectionId: number, id: number, { irrelevant, cleared }: SessionMark): Promise<SessionSummary> {
    await this.#row(collectionId, id);
    return await this.#db.transaction().execute(async (transaction) => {
      const row = await transaction
        .updateTable('sessions')
        .set({
          ...(irrelevant === undefined ? {} : { irrelevant }),
          ...(cleared === undefined ? {} : { cleared }),
          ...(cleared === true ? { set_aside: null } : {}),
        })
        .where('id', '=', id)
        .returningAll()
        .executeTakeFirstOrThrow();
      await oweMemory(transaction, [id]);
      return toSummary(row);
    });
  }

  async #row(collectionId: number, id: number) {
    const row = await this.#db
      .selectFrom('sessions')
      .selectAll()
      .where('collection_id', '=', collectionId)
      .where('id', '=', id)
      .executeTakeFirst();
    if (row === undefined) throw new StudioError('session_not_found', `The collection has no session ${id}.`);
    return row;
  }
}

type SessionRow = Selectable<Tables['sessions']>;

const toSummary = (row: SessionRow): SessionSummary => ({
  id: Number(row.id),
  client: row.client,
  startedAt: row.started_at,
  endedAt: row.ended_at,
  searches: row.searches,
  setAside: row.set_aside as readonly Suspicion[] | null,
  irrelevant: row.irrelevant,
  cleared: row.cleared,
  batchId: row.batch_id,
});
