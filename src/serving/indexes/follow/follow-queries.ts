import { sql } from 'kysely';
import type { Db } from '../../../foundation/database/tables.ts';
import { itemTable, type Sql } from '../../collections/item-tables.ts';
import type { Payload } from '../../collections/schema.ts';
import type { Change, IndexFailure } from '../ports.ts';

interface ChangeRow {
  readonly key: number;
  readonly id: string;
  readonly sequence: number;
  readonly deleted: boolean;
  readonly payload: Payload;
  readonly embed_sequence: number;
  readonly lexical_sequence: number;
}

/** Stored bytes of payloads that are read at once, so that a batch of large items fits into memory. */
const MAX_BATCH_BYTES = 4_000_000;

/** Changes after a sequence, in the order of the log: at most `limit`, fewer when they are large, at least one if any. */
export async function readChanges(db: Db, collectionId: number, after: number, limit: number): Promise<Change[]> {
  const result = await sql<ChangeRow>`
    select key, id, sequence, deleted, payload, embed_sequence, lexical_sequence from (
      select *, sum(pg_column_size(payload)) over (order by sequence) - pg_column_size(payload) as bytes_before from (
        select key, id, sequence, deleted, payload, embed_sequence, lexical_sequence from ${itemTable(collectionId)}
        where sequence > ${after} order by sequence limit ${limit}) as next) as weighed
    where bytes_before <= ${MAX_BATCH_BYTES} order by sequence`.execute(db);
  return result.rows.map((row) => ({
    key: row.key,
    id: row.id,
    sequence: row.sequence,
    deleted: row.deleted,
    payload: row.payload,
    embedSequence: row.embed_sequence,
    lexicalSequence: row.lexical_sequence,
  }));
}

/** Applied sequence of each index, in the order of ids; an index that is gone is absent. */
export async function readApplied(db: Db, indexIds: readonly number[]): Promise<number[]> {
  const rows = await db
    .selectFrom('indexes')
    .select('applied_sequence')
    .where('id', 'in', [...indexIds])
    .orderBy('id')
    .execute();
  return rows.map((row) => row.applied_sequence);
}

/** Sets indexes of a group that differ to the lowest: applying a change again is harmless, missing one is not. */
export async function alignApplied(db: Db, indexIds: readonly number[], applied: number): Promise<void> {
  await db
    .updateTable('indexes')
    .set({ applied_sequence: applied })
    .where('id', 'in', [...indexIds])
    .execute();
}

/** Compare and set, for all indexes of a group or none: false when somebody else has moved one. */
export async function advanceApplied(db: Sql, indexIds: readonly number[], from: number, to: number): Promise<boolean> {
  const result = await db
    .updateTable('indexes')
    .set({ applied_sequence: to })
    .where('id', 'in', [...indexIds])
    .where('applied_sequence', '=', from)
    .executeTakeFirst();
  return Number(result.numUpdatedRows) === indexIds.length;
}

/** The failures of a batch replace those of all items in it. */
export async function replaceFailures(
  db: Sql,
  indexIds: readonly number[],
  itemIds: readonly string[],
  failures: readonly IndexFailure[],
  at: Date,
): Promise<void> {
  if (itemIds.length > 0) {
    await sql`delete from index_failures where index_id = any(${indexIds}::integer[]) and item_id = any(${itemIds}::text[])`.execute(
      db,
    );
  }
  if (failures.length === 0) return;
  // One row an item: the last failure of it stands.
  const byItem = new Map(failures.map((failure) => [failure.itemId, failure]));
  const rows = indexIds.flatMap((index_id) =>
    [...byItem.values()].map(({ itemId, sequence, stage, code, message }) => ({
      index_id,
      item_id: itemId,
      sequence,
      stage,
      code,
      // A message may quote the item: what the database cannot store is replaced.
      message: message.slice(0, 1000).replaceAll('\u0000', ' ').toWellFormed(),
      at,
    })),
  );
  await db.insertInto('index_failures').values(rows).execute();
}

export interface IndexLag {
  readonly indexId: number;
  readonly kind: 'vector' | 'lexical';
  readonly modelId: string | null;
  readonly output: string | null;
  readonly appliedSequence: number;
  /** Changes that the index has not applied yet. */
  readonly lag: number;
  readonly failures: number;
}

export async function readLag(db: Db, collectionId: number): Promise<IndexLag[]> {
  // An item changed many times is one change to apply: rows are counted, not sequence numbers.
  const result = await sql<{
    id: number;
    kind: 'vector' | 'lexical';
    model_id: string | null;
    output: string | null;
    applied_sequence: number;
    lag: number;
    failures: number;
  }>`select x.id, x.kind, x.model_id, x.output, x.applied_sequence,
      (select count(*)::integer from ${itemTable(collectionId)} as i where i.sequence > x.applied_sequence) as lag,
      (select count(*)::integer from index_failures as f where f.index_id = x.id) as failures
    from indexes as x where x.collection_id = ${collectionId} order by x.id`.execute(db);
  return result.rows.map((row) => ({
    indexId: row.id,
    kind: row.kind,
    modelId: row.model_id,
    output: row.output,
    appliedSequence: row.applied_sequence,
    lag: row.lag,
    failures: row.failures,
  }));
}

/** The sequence that all indexes of a collection have applied; null when it has none. */
export async function readLowestApplied(db: Sql, collectionId: number): Promise<number | null> {
  const row = await db
    .selectFrom('indexes')
    .select((expression) => expression.fn.min('applied_sequence').as('lowest'))
    .where('collection_id', '=', collectionId)
    .executeTakeFirst();
  return row?.lowest ?? null;
}

/** Removes up to `limit` tombstones that every index has passed; returns how many. Call it with the collection locked. */
export async function purgeTombstones(db: Sql, collectionId: number, passed: number, limit: number): Promise<number> {
  const result = await sql`delete from ${itemTable(collectionId)} where key in (
    select key from ${itemTable(collectionId)} where deleted and sequence <= ${passed} limit ${limit})`.execute(db);
  return Number(result.numAffectedRows ?? 0n);
}

export async function hasPassedTombstones(db: Sql, collectionId: number, passed: number): Promise<boolean> {
  const result =
    await sql`select 1 from ${itemTable(collectionId)} where deleted and sequence <= ${passed} limit 1`.execute(db);
  return result.rows.length > 0;
}
