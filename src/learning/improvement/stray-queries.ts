import { sql } from 'kysely';
import type { Db } from '../../foundation/database/tables.ts';
import { boundVector } from './learning-queries.ts';
import { MAX_COMPARED } from './memory-queries.ts';

/** Collections that remember something, with the space in which their searches compare texts. */
export async function readTextSpaces(
  db: Db,
): Promise<Array<{ readonly collectionId: number; readonly space: string }>> {
  const { rows } = await sql<{ id: number; space: string }>`
    select c.id, min(i.space) as space from collections c
      join releases r on r.id = c.live_release_id
      join indexes i on i.id = any(r.index_ids) and i.kind = 'vector' and i.model_id = coalesce(c.models ->> 'text', 'starter')
    where exists (select from memory_queries m where m.collection_id = c.id and m.clicks > 0)
    group by c.id order by c.id`.execute(db);
  return rows.map(({ id, space }) => ({ collectionId: id, space }));
}

export interface StrayMemory {
  readonly queryKey: string;
  /** As the database writes it: no digit may be lost. */
  readonly updatedAt: string;
}

/** Of the memories that queries are compared with, those without a vector in this space; the newest first. */
export async function readStrayMemories(
  db: Db,
  collectionId: number,
  space: string,
  limit: number,
): Promise<StrayMemory[]> {
  const { rows } = await sql<{ query_key: string; moment: string }>`
    select query_key, updated_at::text as moment from (
      select query_key, space, updated_at from memory_queries where collection_id = ${collectionId} and clicks > 0
      order by updated_at desc limit ${MAX_COMPARED}) as newest
    where space is distinct from ${space}::text order by updated_at desc, query_key limit ${limit}`.execute(db);
  return rows.map(({ query_key, moment }) => ({ queryKey: query_key, updatedAt: moment }));
}

/** Gives a memory its vector, unless it was learned anew or forgotten meanwhile: then it has one, or needs none. */
export async function moveMemory(
  db: Db,
  collectionId: number,
  move: StrayMemory & { readonly space: string; readonly vector: Float32Array },
): Promise<void> {
  await sql`
    update memory_queries set space = ${move.space}, embedding = ${boundVector(move.vector)}
    where collection_id = ${collectionId} and query_key = ${move.queryKey} and clicks > 0
      and updated_at = ${move.updatedAt}::timestamptz`.execute(db);
}
