import { sql } from 'kysely';
import type { Db } from '../../../foundation/database/tables.ts';
import type { ItemClicks } from './farm-guard.ts';
import type { GuardedSession, Suspicion } from './session-guards.ts';

/** Takes clients off the list. Whoever sends events of one of them meanwhile waits, and puts it on again. */
export async function takeDueClients(
  transaction: Db,
  collectionId: number,
  clients: readonly string[] | null,
  limit: number,
): Promise<string[]> {
  const { rows } = await sql<{ client: string }>`
    delete from guard_due where collection_id = ${collectionId} and client in (
      select client from guard_due where collection_id = ${collectionId}
        and (${clients === null} or client = any(${clients === null ? [] : [...clients]}::text[]))
      order by client limit ${limit} for update skip locked)
    returning client`.execute(transaction);
  return rows.map(({ client }) => client);
}

export interface InspectedSession extends GuardedSession {
  readonly id: number;
  readonly setAside: readonly Suspicion[] | null;
}

/** Sessions of these clients that go on or ended a short while ago, whole. */
export async function readSessions(
  db: Db,
  collectionId: number,
  clients: readonly string[],
  since: Date,
  most: { readonly searches: number; readonly events: number },
): Promise<InspectedSession[]> {
  const sessions = await db
    .selectFrom('sessions')
    .select(['id', 'set_aside'])
    .where('collection_id', '=', collectionId)
    .where('client', 'in', [...clients])
    .where('ended_at', '>=', since)
    .where('cleared', '=', false)
    .execute();
  if (sessions.length === 0) return [];
  const ids = sessions.map(({ id }) => Number(id));
  const searches = await sql<{ visit: number; id: string; query_key: string | null; shown: number; at: Date }>`
    select s.visit, s.id, s.query_key, cardinality(s.item_ids) as shown, s.at from unnest(${ids}::bigint[]) session (id)
      cross join lateral (select * from searches where visit = session.id order by at desc limit ${most.searches}) s`.execute(
    db,
  );
  const events = await sql<{
    visit: number;
    search_id: string;
    item_id: string;
    type: string;
    value: number | null;
    at: Date;
  }>`
    select e.* from unnest(${ids}::bigint[]) session (id) cross join lateral (
      select s.visit, e.search_id, e.item_id, e.type, e.value, e.at from searches s join events e on e.search_id = s.id
      where s.visit = session.id and e.type <> 'impression' order by e.at desc limit ${most.events}) e`.execute(db);
  const searchesOf = Map.groupBy(searches.rows, ({ visit }) => Number(visit));
  const eventsOf = Map.groupBy(events.rows, ({ visit }) => Number(visit));
  return sessions.map(({ id, set_aside }) => ({
    id: Number(id),
    setAside: set_aside as readonly Suspicion[] | null,
    searches: (searchesOf.get(Number(id)) ?? []).map((row) => ({
      searchId: row.id,
      queryKey: row.query_key,
      shown: row.shown,
      at: row.at,
    })),
    events: (eventsOf.get(Number(id)) ?? []).map((row) => ({
      searchId: row.search_id,
      itemId: row.item_id,
      type: row.type,
      value: row.value,
      at: row.at,
    })),
  }));
}

/** Sets sessions aside, or takes them back in; what memory learned from their queries is due to be learned again. */
export async function writeVerdicts(
  db: Db,
  verdicts: ReadonlyArray<{ readonly id: number; readonly suspicions: readonly Suspicion[] }>,
): Promise<void> {
  if (verdicts.length === 0) return;
  const rows = verdicts.map(({ id, suspicions }) => ({ id, set_aside: suspicions.length === 0 ? null : suspicions }));
  await sql`
    update sessions s set set_aside = nullif(v.set_aside, 'null'::jsonb)
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as v (id bigint, set_aside jsonb) where s.id = v.id`.execute(
    db,
  );
  await oweMemory(
    db,
    verdicts.map(({ id }) => id),
  );
}

/** Whatever was asked in these sessions has to be learned again, and whatever was done in them counts otherwise in profiles. */
export async function oweMemory(db: Db, sessionIds: readonly number[]): Promise<void> {
  await sql`
    insert into memory_due (collection_id, query_key)
    select distinct collection_id, query_key from searches where visit = any(${[...sessionIds]}::bigint[]) and query_key is not null
    order by 1, 2 on conflict do nothing`.execute(db);
  await sql`
    with owed as (
      select collection_id, user_id from profiles where (collection_id, user_id) in (
        select e.collection_id, coalesce(e.user_id, s.user_id) from searches s join events e on e.search_id = s.id
        where s.visit = any(${[...sessionIds]}::bigint[]))
      order by 1, 2 for update)
    update profiles p set due = true from owed where p.collection_id = owed.collection_id and p.user_id = owed.user_id`.execute(
    db,
  );
}

/** The newest searches that are looked at for farms: more clicks than a farm needs, few enough to look often. */
const MOST_SEARCHES = 20_000;

// A client came in passing when of late it asked once and clicked one item. Those of a farm that were set aside already
// count on, or each catch would let the next clicks in until there are enough of them again.
const passingClicks = (collectionId: number, since: Date) => sql`
  with recent as materialized (
    select id, client, visit from searches where collection_id = ${collectionId} and at >= ${since}
    order by at desc limit ${MOST_SEARCHES}
  ), clicks as materialized (
    select distinct r.client, e.item_id, r.visit from recent r join events e on e.search_id = r.id join sessions v on v.id = r.visit
    where e.type = 'click' and not v.cleared and (v.set_aside is null or v.set_aside @> '[{"code": "click_farm"}]')
  ), asked as materialized (
    select client, count(*) as searches from recent group by client
  ), clients as materialized (
    select client, count(*) = 1 and max(searches) = 1 as passing from clicks join asked using (client) group by client
  )`;

export async function readItemClicks(db: Db, collectionId: number, since: Date): Promise<ItemClicks[]> {
  const { rows } = await sql<{ item_id: string; clients: number; passing: number }>`
    ${passingClicks(collectionId, since)}
    select item_id, count(*)::integer as clients, (count(*) filter (where passing))::integer as passing
    from clicks join clients using (client) group by item_id`.execute(db);
  return rows.map(({ item_id, clients, passing }) => ({ itemId: item_id, clients, passing }));
}

/** Sessions of the clients that came for one of these items alone. */
export async function readPassingSessions(
  db: Db,
  collectionId: number,
  since: Date,
  itemIds: readonly string[],
): Promise<Array<{ readonly id: number; readonly itemId: string }>> {
  const { rows } = await sql<{ visit: number; item_id: string }>`
    ${passingClicks(collectionId, since)}
    select visit, item_id from clicks join clients using (client)
    where passing and item_id = any(${[...itemIds]}::text[])`.execute(db);
  return rows.map(({ visit, item_id }) => ({ id: Number(visit), itemId: item_id }));
}
