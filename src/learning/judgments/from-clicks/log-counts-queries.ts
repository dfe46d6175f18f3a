import { sql } from 'kysely';
import type { Db } from '../../../foundation/database/tables.ts';

export interface LogPart {
  readonly from?: Date | undefined;
  readonly to?: Date | undefined;
  readonly batchId?: string | undefined;
}

export interface LogCounts {
  /** All searches of the part, those below among them. */
  readonly searches: number;
  /** Searches of sessions that guards have set aside. */
  readonly setAside: number;
  /** Searches of sessions that a person has taken out. */
  readonly irrelevant: number;
}

/** How much a part of the log holds, and how much of it does not count. */
export async function countLog(db: Db, collectionId: number, { from, to, batchId }: LogPart): Promise<LogCounts> {
  const { rows } = await sql<{ searches: number; set_aside: number; irrelevant: number }>`
    select count(*)::integer as searches, count(*) filter (where v.set_aside is not null)::integer as set_aside,
      count(*) filter (where v.set_aside is null and v.irrelevant is not null)::integer as irrelevant
    from searches s join sessions v on v.id = s.visit
    where s.collection_id = ${collectionId}
      and (${batchId ?? null}::uuid is null or v.batch_id = ${batchId ?? null}::uuid)
      and (${from ?? null}::timestamptz is null or s.at >= ${from ?? null}::timestamptz)
      and (${to ?? null}::timestamptz is null or s.at < ${to ?? null}::timestamptz)`.execute(db);
  const row = rows[0];
  return { searches: row?.searches ?? 0, setAside: row?.set_aside ?? 0, irrelevant: row?.irrelevant ?? 0 };
}

export async function hasBatch(db: Db, collectionId: number, batchId: string): Promise<boolean> {
  const { rows } = await sql`
    select 1 from feedback_batches where collection_id = ${collectionId} and id = ${batchId}::uuid`.execute(db);
  return rows.length > 0;
}
