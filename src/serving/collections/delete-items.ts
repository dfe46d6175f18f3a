import type { Transaction } from 'kysely';
import { systemClock } from '../../foundation/core/clock.ts';
import { StudioError } from '../../foundation/core/errors.ts';
import type { Tables } from '../../foundation/database/tables.ts';
import type { ItemCondition } from '../indexes/ports.ts';
import { lockCollection, setSequence } from './collections-queries.ts';
import { columnsOf } from './columns.ts';
import { itemsChannel } from './items-channel.ts';
import { keysOfCondition, keysOfIds, markDeleted } from './items-queries.ts';
import type { Collection } from './schema.ts';
import { CHUNK_ITEMS, type ItemsContext, MAX_BATCH_ITEMS } from './upsert-items.ts';

export interface DeleteResult {
  readonly deleted: number;
  /** Once the indexes have applied this sequence, the items are gone from them too. */
  readonly sequence: number;
}

/** Deletes by id; unknown ids are no error. Throws `too_many_items`. */
export async function deleteItems(
  context: ItemsContext,
  collection: Collection,
  ids: readonly string[],
): Promise<DeleteResult> {
  if (ids.length > MAX_BATCH_ITEMS) {
    throw new StudioError(
      'too_many_items',
      `These are ${ids.length} ids; one request takes at most ${MAX_BATCH_ITEMS}.`,
    );
  }
  const askable = [...new Set(ids)].filter((id) => !id.includes('\u0000') && id.isWellFormed());
  let total: DeleteResult = { deleted: 0, sequence: collection.sequence };
  for (let start = 0; start < askable.length; start += CHUNK_ITEMS) {
    const chunk = askable.slice(start, start + CHUNK_ITEMS);
    const step = await deleteChunk(context, collection, (transaction) => keysOfIds(transaction, collection.id, chunk));
    total = { deleted: total.deleted + step.keys.length, sequence: step.sequence };
  }
  return total;
}

/**
 * Deletes what matches, in chunks; an item that comes to match behind the walk stays. Without a condition all items go.
 */
export async function deleteMatchingItems(
  context: ItemsContext,
  collection: Collection,
  condition: ItemCondition,
): Promise<DeleteResult> {
  let total: DeleteResult = { deleted: 0, sequence: collection.sequence };
  let after = 0;
  for (;;) {
    const step = await deleteChunk(context, collection, (transaction) =>
      keysOfCondition(transaction, collection.id, condition, after, CHUNK_ITEMS),
    );
    total = { deleted: total.deleted + step.keys.length, sequence: step.sequence };
    if (step.keys.length < CHUNK_ITEMS) return total;
    after = step.keys.at(-1)!;
  }
}

async function deleteChunk(
  context: ItemsContext,
  collection: Collection,
  choose: (transaction: Transaction<Tables>) => Promise<number[]>,
): Promise<{ readonly keys: readonly number[]; readonly sequence: number }> {
  const { db, engine, clock = systemClock } = context;
  const step = await db.transaction().execute(async (transaction) => {
    const current = await lockCollection(transaction, { id: collection.id });
    if (current === null) throw new StudioError('collection_not_found', `There is no collection "${collection.name}".`);
    const keys = await choose(transaction);
    if (keys.length === 0) return { keys, sequence: current.sequence };
    await markDeleted(transaction, collection.id, keys, columnsOf(current.fields), current.sequence, clock.now());
    const sequence = current.sequence + keys.length;
    await setSequence(transaction, collection.id, sequence);
    return { keys, sequence };
  });
  if (step.keys.length > 0) await engine.notify(itemsChannel(collection.id), String(step.sequence)).catch(() => {});
  return step;
}
