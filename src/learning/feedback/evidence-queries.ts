import { sql } from 'kysely';
import type { Db } from '../../foundation/database/tables.ts';

/** Collections in which something is to be inspected or learned. */
export async function collectionsWithDue(db: Db): Promise<number[]> {
  const { rows } = await sql<{ id: number }>`
    select id from collections c where exists (select from memory_due d where d.collection_id = c.id)
      or exists (select from guard_due d where d.collection_id = c.id) order by id`.execute(db);
  return rows.map(({ id }) => id);
}

export async function readDueQueries(db: Db, collectionId: number, after: string, limit: number): Promise<string[]> {
  const rows = await db
    .selectFrom('memory_due')
    .select('query_key')
    .where('collection_id', '=', collectionId)
    .where('query_key', '>', after)
    .orderBy('query_key')
    .limit(limit)
    .execute();
  return rows.map(({ query_key }) => query_key);
}
