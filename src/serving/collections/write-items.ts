import { StudioError } from '../../foundation/core/errors.ts';
import type { Db } from '../../foundation/database/tables.ts';
import { lockCollection, setSequence } from './collections-queries.ts';
import { columnsOf } from './columns.ts';
import {
  findStored,
  type ItemRow,
  insertItems,
  type StoredItem,
  updateItems,
  updateVersions,
} from './items-queries.ts';
import { type IndexedItem, versionConflict } from './prepare-items.ts';
import type { Collection } from './schema.ts';
import { storageKey } from './typed-rows.ts';

export interface WriteOutcome {
  readonly written: number;
  readonly unchanged: number;
  readonly conflicts: ReadonlyArray<{ readonly indexed: IndexedItem; readonly error: StudioError }>;
  /** Sequence of the collection after the write. */
  readonly sequence: number;
}

/** The schema changed after the items were prepared; nothing was written. */
export class StaleSchema extends Error {
  readonly collection: Collection;

  constructor(collection: Collection) {
    super('The schema has changed.');
    this.collection = collection;
  }
}

/** Writes prepared items with distinct ids in one transaction. Throws StaleSchema and `collection_not_found`. */
export async function writeItems(
  db: Db,
  collection: Collection,
  items: readonly IndexedItem[],
  now: Date,
): Promise<WriteOutcome> {
  return await db.transaction().execute(async (transaction) => {
    // The row lock makes writers of one collection take turns, so sequences become visible in their order.
    const current = await lockCollection(transaction, { id: collection.id });
    if (current === null) throw new StudioError('collection_not_found', `There is no collection "${collection.name}".`);
    if (storageKey(current) !== storageKey(collection)) throw new StaleSchema(current);
    const ids = items.map(({ item }) => item.id);
    const stored = new Map((await findStored(transaction, collection.id, ids)).map((row) => [row.id, row]));
    const plan = planWrites(items, stored, current.sequence);
    const columns = columnsOf(collection.fields);
    await insertItems(transaction, collection.id, columns, plan.inserts, now);
    await updateItems(transaction, collection.id, columns, plan.updates, now);
    await updateVersions(transaction, collection.id, plan.versions);
    if (plan.sequence > current.sequence) await setSequence(transaction, collection.id, plan.sequence);
    return {
      written: plan.inserts.length + plan.updates.length,
      unchanged: plan.unchanged,
      conflicts: plan.conflicts,
      sequence: plan.sequence,
    };
  });
}

interface WritePlan {
  readonly inserts: ItemRow[];
  readonly updates: ItemRow[];
  readonly versions: Array<{ id: string; version: number }>;
  readonly conflicts: Array<{ indexed: IndexedItem; error: StudioError }>;
  unchanged: number;
  sequence: number;
}

function planWrites(items: readonly IndexedItem[], stored: ReadonlyMap<string, StoredItem>, base: number): WritePlan {
  const plan: WritePlan = { inserts: [], updates: [], versions: [], conflicts: [], unchanged: 0, sequence: base };
  for (const indexed of items) {
    const { item } = indexed;
    const before = stored.get(item.id);
    const live = before !== undefined && !before.deleted ? before : null;
    const same = live !== null && live.payload_hash === item.payloadHash;
    const held = live?.version ?? null;
    if (held !== null && item.version !== null && (item.version < held || (item.version === held && !same))) {
      plan.conflicts.push({ indexed, error: versionConflict(item.id, item.version, held) });
    } else if (same) {
      plan.unchanged++;
      if (item.version !== null && item.version !== held) plan.versions.push({ id: item.id, version: item.version });
    } else {
      plan.sequence++;
      const row: ItemRow = {
        ...item.columns,
        id: item.id,
        sequence: plan.sequence,
        embed_hash: item.embedHash,
        embed_sequence: live?.embed_hash === item.embedHash ? live.embed_sequence : plan.sequence,
        lexical_hash: item.lexicalHash,
        lexical_sequence: live?.lexical_hash === item.lexicalHash ? live.lexical_sequence : plan.sequence,
        payload_hash: item.payloadHash,
        version: item.version ?? held,
        payload: item.payload,
      };
      (before === undefined ? plan.inserts : plan.updates).push(row);
    }
  }
  return plan;
}
