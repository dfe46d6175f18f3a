import { sql } from 'kysely';
import type { Db } from '../../../foundation/database/tables.ts';
import { intentsOf } from './intents.ts';

export interface LoggedEvent {
  readonly itemId: string;
  readonly type: string;
  readonly position: number;
  readonly value: number | null;
  readonly at: Date;
}

/** One search with what was shown and done. */
export interface LoggedSearch {
  readonly searchId: string;
  readonly sessionId: number;
  readonly client: string;
  readonly queryKey: string | null;
  /** As it was typed. */
  readonly query: string | null;
  readonly releaseId: string;
  readonly itemIds: readonly string[];
  readonly firstPosition: number;
  readonly propensities: readonly number[];
  readonly total: number;
  readonly at: Date;
  /** Searches of a session with the same number want the same thing. */
  readonly intent: number;
  /** A later search of the same intent took its place: somebody was still typing. */
  readonly superseded: boolean;
  readonly events: readonly LoggedEvent[];
}

export interface ReadLogOptions {
  readonly from?: Date | undefined;
  readonly to?: Date | undefined;
  /** Only what this batch froze: its sessions, with the events that had come when it was released. */
  readonly batchId?: string | undefined;
  /** Sessions that guards have set aside or a person has called irrelevant. */
  readonly setAside?: 'left-out' | 'included';
  /** Sessions after this id. */
  readonly after?: number;
}

interface LogRow {
  session_id: number;
  id: string;
  client: string;
  query_key: string | null;
  query: string | null;
  release_id: string;
  item_ids: string[];
  first_position: number;
  propensities: number[];
  total: number;
  at: Date;
  events: Array<{ item_id: string; type: string; position: number; value: number | null; at: string }> | null;
}

/** Sessions read at once; one of them has at most MOST_SEARCHES searches. */
const SESSIONS = 200;
const MOST_SEARCHES = 2000;

/**
 * The record, session by session in the order of their numbers, in pieces of bounded size. Bring sessions up to date
 * first (`Sessions.refresh`): searches without one are not there.
 *
 * @example for await (const session of readLog(db, collection.id)) for (const search of session) …
 */
export async function* readLog(
  db: Db,
  collectionId: number,
  options: ReadLogOptions = {},
): AsyncGenerator<readonly LoggedSearch[], void, void> {
  let after = options.after ?? 0;
  for (;;) {
    const ids = await readSessionIds(db, collectionId, options, after);
    const last = ids.at(-1);
    if (last === undefined) return;
    const sessions = Map.groupBy(await readSearches(db, ids, options), (row) => Number(row.session_id));
    for (const id of ids) {
      const rows = sessions.get(id);
      if (rows !== undefined) yield toLoggedSearches(rows);
    }
    after = last;
  }
}

/** One session whole, in order of time. */
export async function readSession(db: Db, sessionId: number): Promise<LoggedSearch[]> {
  return toLoggedSearches(await readSearches(db, [sessionId], {}));
}

async function readSessionIds(
  db: Db,
  collectionId: number,
  { from, to, batchId, setAside = 'left-out' }: ReadLogOptions,
  after: number,
): Promise<number[]> {
  const rows = await db
    .selectFrom('sessions')
    .select('id')
    .where('collection_id', '=', collectionId)
    .where('id', '>', after)
    .$if(batchId !== undefined, (query) => query.where('batch_id', '=', batchId as string))
    .$if(from !== undefined, (query) => query.where('ended_at', '>=', from as Date))
    .$if(to !== undefined, (query) => query.where('started_at', '<', to as Date))
    .$if(setAside === 'left-out', (query) => query.where('set_aside', 'is', null).where('irrelevant', 'is', null))
    .orderBy('id')
    .limit(SESSIONS)
    .execute();
  return rows.map(({ id }) => Number(id));
}

async function readSearches(
  db: Db,
  sessionIds: readonly number[],
  { from, to, batchId }: ReadLogOptions,
): Promise<LogRow[]> {
  const { rows } = await sql<LogRow>`
    select s.visit as session_id, s.id, s.client, s.query_key,
      (select string_agg(part ->> 'text', ' ') from jsonb_array_elements(s.request -> 'query') part) as query,
      s.release_id, s.item_ids, s.first_position, s.propensities, s.total, s.at,
      (select jsonb_agg(jsonb_build_object('item_id', e.item_id, 'type', e.type, 'position', e.position, 'value', e.value,
          'at', e.at) order by e.at, e.id)
        from events e where e.search_id = s.id
          and (${batchId ?? null}::uuid is null or e.received_at <= (select released_at from feedback_batches where id = ${batchId ?? null}::uuid))) as events
    from unnest(${[...sessionIds]}::bigint[]) session (id)
      cross join lateral (select * from searches where visit = session.id order by at, id limit ${MOST_SEARCHES}) s
    where (${from ?? null}::timestamptz is null or s.at >= ${from ?? null}::timestamptz)
      and (${to ?? null}::timestamptz is null or s.at < ${to ?? null}::timestamptz)
    order by s.visit, s.at, s.id`.execute(db);
  return rows;
}

function toLoggedSearches(rows: readonly LogRow[]): LoggedSearch[] {
  const searches = rows.map((row) => ({
    searchId: row.id,
    sessionId: Number(row.session_id),
    client: row.client,
    queryKey: row.query_key,
    query: row.query,
    releaseId: row.release_id,
    itemIds: row.item_ids,
    firstPosition: row.first_position,
    propensities: row.propensities,
    total: row.total,
    at: row.at,
    events: (row.events ?? []).map((event) => ({
      itemId: event.item_id,
      type: event.type,
      position: event.position,
      value: event.value,
      at: new Date(event.at),
    })),
  }));
  const intents = intentsOf(
    searches.map(({ query, at, events }) => ({ query, at, acted: events.some(({ type }) => type !== 'impression') })),
  );
  return searches.map((search, index) => ({ ...search, ...(intents[index] as (typeof intents)[number]) }));
}
