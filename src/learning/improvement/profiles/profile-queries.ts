import { sql } from 'kysely';
import { fromVectorText } from '../../../foundation/core/math.ts';
import type { Db } from '../../../foundation/database/tables.ts';
import { boundVector } from '../learning-queries.ts';
import type { Taste } from './taste.ts';
import type { Action } from './weigh-actions.ts';

/** A profile as it is kept. */
export interface StoredProfile extends Taste {
  readonly user: string;
  /** Something has changed since: it has to be computed again before it is used. */
  readonly due: boolean;
  /** Index whose vectors it was computed from. */
  readonly indexId: number | null;
  /** What was done before does not count. */
  readonly since: Date | null;
  /** When it was computed: its evidence is decayed to then. */
  readonly updatedAt: Date;
}

interface ProfileRow {
  user_id: string;
  due: boolean;
  index_id: number | null;
  embedding: string | null;
  evidence: number;
  items: StoredProfile['items'];
  since: Date | null;
  updated_at: Date;
}

const COLUMNS = sql.raw('user_id, due, index_id, embedding::text as embedding, evidence, items, since, updated_at');

const toProfile = (row: ProfileRow): StoredProfile => ({
  user: row.user_id,
  due: row.due,
  indexId: row.index_id,
  vector: row.embedding === null ? null : fromVectorText(row.embedding),
  evidence: row.evidence,
  items: row.items,
  since: row.since,
  updatedAt: row.updated_at,
});

/** By its primary key. Locked, whoever stores events of the user waits until the transaction ends, and makes it due again. */
export async function readProfile(
  db: Db,
  collectionId: number,
  user: string,
  how: 'read' | 'lock' = 'read',
): Promise<StoredProfile | null> {
  const { rows } = await sql<ProfileRow>`
    select ${COLUMNS} from profiles where collection_id = ${collectionId} and user_id = ${user}
    ${how === 'lock' ? sql`for update` : sql``}`.execute(db);
  return rows[0] === undefined ? null : toProfile(rows[0]);
}

/** Searches of a user that are looked through for what was done without naming a user. */
const MAX_SEARCHES = 2000;

/**
 * The newest actions of a user with items, of these types: events that name the user, and events that name nobody in
 * the user's own searches. Sessions that were set aside say nothing.
 */
export async function readActionsOf(
  db: Db,
  of: { readonly collectionId: number; readonly user: string; readonly since: Date | null },
  types: readonly string[],
  limit: number,
): Promise<Action[]> {
  const { collectionId, user, since } = of;
  const counts = sql`e.type = any(${[...types]}::text[]) and (${since}::timestamptz is null or e.at > ${since}::timestamptz)
    and v.set_aside is null and v.irrelevant is null`;
  const newest = sql`order by e.at desc, e.id desc limit ${limit}`;
  const { rows } = await sql<{ id: string; item_id: string; type: string; at: Date }>`
    select * from (
      (select e.id, e.item_id, e.type, e.at from events e
        left join searches s on s.id = e.search_id left join sessions v on v.id = s.visit
        where e.user_id = ${user} and e.collection_id = ${collectionId} and ${counts} ${newest})
      union all
      (select e.id, e.item_id, e.type, e.at from (
          select id, visit from searches where collection_id = ${collectionId} and client = ${`user ${user}`}
          order by at desc, id desc limit ${MAX_SEARCHES}) s
        join events e on e.search_id = s.id left join sessions v on v.id = s.visit
        where e.user_id is null and ${counts} ${newest})
    ) e ${newest}`.execute(db);
  return rows.map((row) => ({ eventId: row.id, itemId: row.item_id, type: row.type, at: row.at }));
}

/** Writes a computed profile down; whatever was deleted meanwhile stays deleted. */
export async function writeProfile(
  db: Db,
  collectionId: number,
  user: string,
  { vector, evidence, items, indexId, at }: Taste & { readonly indexId: number | null; readonly at: Date },
): Promise<void> {
  await sql`
    update profiles set due = false, index_id = ${indexId}::integer, embedding = ${boundVector(vector)},
      evidence = ${evidence}::double precision, items = ${JSON.stringify(items)}::jsonb, updated_at = ${at}::timestamptz
    where collection_id = ${collectionId} and user_id = ${user}`.execute(db);
}

/**
 * Empties a profile; the row stays with the moment, so that a later event does not bring the old ones back. True when it
 * held something, or had something to be computed from.
 */
export async function resetProfile(db: Db, collectionId: number, user: string, at: Date): Promise<boolean> {
  const { rows } = await sql`
    with before as materialized (
      select collection_id, user_id, due or embedding is not null as held from profiles
      where collection_id = ${collectionId} and user_id = ${user} for update)
    update profiles p set due = false, index_id = null, embedding = null, evidence = 0, items = '[]',
      since = ${at}::timestamptz, updated_at = ${at}::timestamptz
    from before b where p.collection_id = b.collection_id and p.user_id = b.user_id returning b.held`.execute(db);
  return (rows[0] as { held?: boolean } | undefined)?.held === true;
}

/** Profiles by user; `after` is the last user of the previous page. */
export async function listProfiles(
  db: Db,
  collectionId: number,
  after: string | null,
  limit: number,
): Promise<StoredProfile[]> {
  const { rows } = await sql<ProfileRow>`
    select ${COLUMNS} from profiles where collection_id = ${collectionId} and (due or embedding is not null)
      and (${after}::text is null or user_id > ${after}::text)
    order by user_id limit ${limit}`.execute(db);
  return rows.map(toProfile);
}
