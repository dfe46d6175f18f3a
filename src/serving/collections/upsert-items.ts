import { type Clock, systemClock } from '../../foundation/core/clock.ts';
import { StudioError } from '../../foundation/core/errors.ts';
import type { Engine } from '../../foundation/database/engine.ts';
import type { Db } from '../../foundation/database/tables.ts';
import type { BlobStore } from '../blobs/blob-store.ts';
import { isDataFault } from './data-faults.ts';
import { type UpsertResult, UpsertTally } from './item-errors.ts';
import { itemsChannel } from './items-channel.ts';
import { type IndexedInput, type IndexedItem, prepareItems } from './prepare-items.ts';
import type { Collection } from './schema.ts';
import { StaleSchema, writeItems } from './write-items.ts';

export interface ItemsContext {
  readonly engine: Engine;
  readonly db: Db;
  readonly blobs: BlobStore;
  readonly clock?: Clock;
}

/** One transaction's worth: short enough that searches on the single embedded session interleave. */
export const CHUNK_ITEMS = 500;
export const MAX_BATCH_ITEMS = 10_000;

/**
 * Stores items: new ones are added, known ones replaced, equal ones skipped. A faulty item is reported and never
 * fails the others. What is accepted is committed when this returns. Throws `too_many_items`, `collection_not_found`.
 *
 * @example
 * const { accepted, errors } = await upsertItems(context, collection, [{ id: 'a', title: 'Blue chair', version: 3 }]);
 */
export async function upsertItems(
  context: ItemsContext,
  collection: Collection,
  items: readonly unknown[],
  options: { readonly maxItems?: number } = {},
): Promise<UpsertResult> {
  const maxItems = options.maxItems ?? MAX_BATCH_ITEMS;
  if (items.length > maxItems) {
    throw new StudioError('too_many_items', `These are ${items.length} items; one request takes at most ${maxItems}.`);
  }
  const upsert = new Upsert(context, collection);
  for (let start = 0; start < items.length; start += CHUNK_ITEMS) {
    await upsert.add(
      items.slice(start, start + CHUNK_ITEMS).map((input, offset) => ({ index: start + offset, input })),
    );
  }
  return await upsert.finish();
}

/** Chunks on their way in: while one is written, the next is prepared. */
export class Upsert {
  readonly tally: UpsertTally;
  readonly #context: ItemsContext;
  #collection: Collection;
  #writing: Promise<void> = Promise.resolve();

  constructor(context: ItemsContext, collection: Collection) {
    this.#context = context;
    this.#collection = collection;
    this.tally = new UpsertTally(collection.sequence);
  }

  /** Returns when the chunk is prepared and the one before it is written: at most two chunks are in memory. */
  async add(inputs: readonly IndexedInput[]): Promise<void> {
    const collection = this.#collection;
    try {
      const prepared = await this.#prepare(inputs, collection);
      await this.#writing;
      this.#writing = this.#write(prepared, collection);
    } catch (error) {
      await this.#writing.catch(() => {});
      throw error;
    }
    // The failure is thrown by the next add or by finish; until then it must not count as unhandled.
    this.#writing.catch(() => {});
  }

  async finish(): Promise<UpsertResult> {
    await this.#writing;
    return this.tally.result();
  }

  async #prepare(inputs: readonly IndexedInput[], collection: Collection): Promise<IndexedItem[]> {
    return await prepareItems(collection, inputs, { blobs: this.#context.blobs, tally: this.tally });
  }

  async #write(items: readonly IndexedItem[], collection: Collection): Promise<void> {
    if (items.length === 0) return;
    const { db, engine, clock = systemClock } = this.#context;
    try {
      const outcome = await writeItems(db, collection, items, clock.now());
      this.tally.accepted += outcome.written + outcome.unchanged;
      this.tally.unchanged += outcome.unchanged;
      this.tally.sequence = Math.max(this.tally.sequence, outcome.sequence);
      for (const { indexed, error } of outcome.conflicts)
        this.tally.fail('write', indexed.index, indexed.item.id, error);
      // Followers look by themselves once a second: a lost notification only delays them.
      if (outcome.written > 0)
        await engine.notify(itemsChannel(collection.id), String(outcome.sequence)).catch(() => {});
    } catch (error) {
      if (error instanceof StaleSchema) {
        this.#collection = error.collection;
        await this.#write(await this.#prepare(items, error.collection), error.collection);
      } else if (!isDataFault(error)) {
        throw error;
      } else if (items.length === 1) {
        const { index, item } = items[0]!;
        const message = `The database cannot store this item: ${(error as Error).message}.`;
        this.tally.fail('write', index, item.id, new StudioError('invalid_item', message, { cause: error }));
      } else {
        const middle = Math.ceil(items.length / 2);
        await this.#write(items.slice(0, middle), collection);
        await this.#write(items.slice(middle), collection);
      }
    }
  }
}
