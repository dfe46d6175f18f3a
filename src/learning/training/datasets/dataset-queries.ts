import { type RawBuilder, sql } from 'kysely';
import type { Db } from '../../../foundation/database/tables.ts';
import type { LogPart } from '../../judgments/from-clicks/log-counts-queries.ts';

const counting = (collectionId: number, { from, to, batchId }: LogPart): RawBuilder<unknown> => sql`
  s.collection_id = ${collectionId} and v.set_aside is null and v.irrelevant is null
  and (${batchId ?? null}::uuid is null or v.batch_id = ${batchId ?? null}::uuid)
  and (${from ?? null}::timestamptz is null or s.at >= ${from ?? null}::timestamptz)
  and (${to ?? null}::timestamptz is null or s.at < ${to ?? null}::timestamptz)`;

/** When the newest search of the part was, null where there is none, and the batches that its sessions are in. */
export async function readSpan(
  db: Db,
  collectionId: number,
  part: LogPart,
): Promise<{ readonly newest: Date | null; readonly batchIds: readonly string[] }> {
  const { rows } = await sql<{ newest: Date | null; batch_id: string | null }>`
    select max(s.at) as newest, v.batch_id from searches s join sessions v on v.id = s.visit
    where ${counting(collectionId, part)} group by v.batch_id order by v.batch_id`.execute(db);
  const times = rows.flatMap(({ newest }) => (newest === null ? [] : [newest.getTime()]));
  return {
    newest: times.length === 0 ? null : new Date(Math.max(...times)),
    batchIds: rows.flatMap(({ batch_id }) => (batch_id === null ? [] : [batch_id])),
  };
}

/** When each query of the part was first asked, in milliseconds since 1970. */
export async function readFirstAsked(db: Db, collectionId: number, part: LogPart): Promise<Map<string, number>> {
  const { rows } = await sql<{ query_key: string; first: Date }>`
    select s.query_key, min(s.at) as first from searches s join sessions v on v.id = s.visit
    where ${counting(collectionId, part)} and s.query_key is not null group by s.query_key`.execute(db);
  return new Map(rows.map(({ query_key, first }) => [query_key, first.getTime()]));
}
