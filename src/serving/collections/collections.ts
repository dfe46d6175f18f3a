import { type Clock, systemClock } from '../../foundation/core/clock.ts';
import { StudioError } from '../../foundation/core/errors.ts';
import { canonicalJson } from '../../foundation/core/hash.ts';
import type { Engine } from '../../foundation/database/engine.ts';
import type { Db } from '../../foundation/database/tables.ts';
import { CollectionCache } from './collection-cache.ts';
import * as queries from './collections-queries.ts';
import { columnsOf } from './columns.ts';
import { evolveSchema, mergedRanking, newSettings } from './evolve-schema.ts';
import type { IndexLayout } from './index-layout.ts';
import { createItemTable, dropItemTable } from './item-tables.ts';
import { refillItems } from './refill-items.ts';
import type { Collection } from './schema.ts';
import {
  type CollectionInput,
  checkCollectionName,
  type RankingPatch,
  rankingPatchSchema,
  validateSchema,
} from './validate-schema.ts';

const CHANNEL = 'collections';
const PUT_ATTEMPTS = 3;

export interface CollectionsOptions {
  readonly engine: Engine;
  readonly db: Db;
  readonly indexes: IndexLayout;
  readonly clock?: Clock;
}

export interface PutResult {
  readonly collection: Collection;
  readonly created: boolean;
  readonly changed: boolean;
}

/**
 * The collections of an installation.
 *
 * @example
 * const collections = new Collections({ engine, db, indexes });
 * await collections.put('icons', { fields: { name: { type: 'text', embed: true, lexical: true } } });
 */
export class Collections {
  readonly #engine: Engine;
  readonly #db: Db;
  readonly #indexes: IndexLayout;
  readonly #clock: Clock;
  readonly #cache: CollectionCache;
  #stopListening: (() => Promise<void>) | undefined;

  constructor(options: CollectionsOptions) {
    this.#engine = options.engine;
    this.#db = options.db;
    this.#indexes = options.indexes;
    this.#clock = options.clock ?? systemClock;
    this.#cache = new CollectionCache(this.#clock);
  }

  /** Follows what other processes change. */
  async start(): Promise<void> {
    this.#stopListening ??= await this.#engine.listen(CHANNEL, (name) => this.#cache.forget(name));
  }

  async close(): Promise<void> {
    await this.#stopListening?.();
    this.#stopListening = undefined;
  }

  /**
   * Creates the collection, or changes it into what is declared. The same declaration twice changes nothing.
   * Throws `invalid_collection_name`, `invalid_schema`, `schema_conflict`.
   */
  async put(name: string, input: unknown): Promise<PutResult> {
    checkCollectionName(name);
    const declared = validateSchema(input);
    // Again when another process creates, changes or deletes it between the look and the write.
    for (let attempt = 0; attempt < PUT_ATTEMPTS; attempt++) {
      const stored = await queries.findCollection(this.#db, name);
      const result = stored === null ? await this.#create(name, declared) : await this.#evolve(stored, declared);
      if (result !== null) return result;
    }
    throw new StudioError('schema_conflict', `The collection "${name}" is being changed by somebody else.`, {
      hint: 'Try again.',
    });
  }

  /** From a cache; `sequence` may be older than the newest change. Throws `collection_not_found`. */
  async get(name: string): Promise<Collection> {
    const collection = await this.#cache.get(name, () => queries.findCollection(this.#db, name));
    if (collection === null) {
      throw new StudioError('collection_not_found', `There is no collection ${JSON.stringify(name.slice(0, 80))}.`);
    }
    return collection;
  }

  /** From the database, with the newest sequence. */
  async refresh(name: string): Promise<Collection> {
    this.#cache.forget(name);
    return await this.get(name);
  }

  /** By name; `after` is the last name of the previous page. */
  async list(page: { readonly after?: string; readonly limit?: number } = {}): Promise<Collection[]> {
    return await queries.listCollections(this.#db, page.after ?? '', Math.min(page.limit ?? 100, 1000));
  }

  /** Merges into the stored ranking settings and serves them from the next search on; touches no index. */
  async updateRanking(name: string, patch: unknown): Promise<Collection> {
    const parsed = rankingPatchSchema.safeParse(patch);
    if (!parsed.success) {
      const issue = parsed.error.issues[0]!;
      throw new StudioError('invalid_schema', `At ranking.${issue.path.map(String).join('.')}: ${issue.message}.`);
    }
    await this.get(name);
    const updated = await this.#db.transaction().execute(async (transaction) => {
      const stored = await queries.lockCollection(transaction, { name });
      if (stored === null) return null;
      const ranking = mergedRanking(stored.ranking, parsed.data as RankingPatch);
      const collection = await queries.updateCollection(
        transaction,
        stored.id,
        { ...stored, ranking },
        this.#clock.now(),
      );
      return await this.#served(transaction, collection, await this.#indexes.applyRanking(transaction, collection));
    });
    await this.#announce(name);
    return updated ?? (await this.get(name));
  }

  /** Deletes the collection with its items, indexes, searches and events. Throws `collection_not_found`. */
  async delete(name: string): Promise<void> {
    const { id } = await this.refresh(name);
    await this.#indexes.collectionRemoved(id);
    await this.#db.transaction().execute(async (transaction) => {
      if ((await queries.lockCollection(transaction, { id })) === null) return;
      await this.#indexes.drop(transaction, id);
      await dropItemTable(transaction, id);
      await queries.deleteCollection(transaction, id);
    });
    await this.#announce(name);
  }

  async #create(name: string, declared: CollectionInput): Promise<PutResult | null> {
    const settings = newSettings(declared);
    const plan = await this.#indexes.plan(settings);
    const collection = await this.#db.transaction().execute(async (transaction) => {
      const inserted = await queries.insertCollection(transaction, name, settings, this.#clock.now());
      if (inserted === null) return null;
      await createItemTable(transaction, inserted.id, columnsOf(settings.fields));
      return await this.#served(transaction, inserted, await this.#indexes.apply(transaction, inserted, plan));
    });
    if (collection === null) return null;
    await this.#changed(collection);
    return { collection, created: true, changed: true };
  }

  async #evolve(before: Collection, declared: CollectionInput): Promise<PutResult | null> {
    const planned = evolveSchema(before, declared);
    if (!planned.changed) return { collection: before, created: false, changed: false };
    const plan = await this.#indexes.plan(planned.settings);
    const collection = await this.#db.transaction().execute(async (transaction) => {
      const stored = await queries.lockCollection(transaction, { id: before.id });
      if (stored === null) return null;
      // Somebody else may have changed it since: compare again under the lock. Indexes planned for other settings
      // would not be those of the collection, so then it is planned again.
      const evolution = evolveSchema(stored, declared);
      if (canonicalJson(evolution.settings) !== canonicalJson(planned.settings)) return null;
      const updated = await queries.updateCollection(transaction, stored.id, evolution.settings, this.#clock.now());
      await refillItems(transaction, updated, evolution);
      const releaseId = await this.#indexes.apply(transaction, updated, plan);
      return await this.#served(transaction, updated, releaseId);
    });
    if (collection === null) return null;
    await this.#changed(collection);
    return { collection, created: false, changed: true };
  }

  async #served(
    transaction: Parameters<typeof queries.setLiveRelease>[0],
    collection: Collection,
    liveReleaseId: string | null,
  ) {
    if (liveReleaseId !== collection.liveReleaseId)
      await queries.setLiveRelease(transaction, collection.id, liveReleaseId);
    return Object.freeze({ ...collection, liveReleaseId });
  }

  async #changed(collection: Collection): Promise<void> {
    await this.#announce(collection.name);
    await this.#indexes.collectionChanged(collection);
  }

  async #announce(name: string): Promise<void> {
    this.#cache.forget(name);
    // The cache of another process expires by itself: a lost notification is no failure.
    await this.#engine.notify(CHANNEL, name).catch(() => {});
  }
}
