import { type Clock, systemClock } from '../../foundation/core/clock.ts';
import { StudioError } from '../../foundation/core/errors.ts';
import { canonicalJson } from '../../foundation/core/hash.ts';
import type { Engine } from '../../foundation/database/engine.ts';
import type { Db } from '../../foundation/database/tables.ts';
import type { BlobStore } from '../blobs/blob-store.ts';
import type { CollectionSettings } from '../collections/evolve-schema.ts';
import type { IndexLayout } from '../collections/index-layout.ts';
import type { Sql } from '../collections/item-tables.ts';
import type { Collection } from '../collections/schema.ts';
import { type IndexLag, readLag, readLowestApplied } from './follow/follow-queries.ts';
import { Followers } from './follow/followers.ts';
import type { LexicalTables, VectorTables } from './follow/group-kinds.ts';
import { vectorRowOf } from './follow/group-kinds.ts';
import {
  deleteIndex,
  findRelease,
  indexesOf,
  insertIndex,
  insertLiveRelease,
  lockIndexes,
  type NewIndex,
} from './indexes-queries.ts';
import { isPlanned, type LoadEncoder, planIndexes } from './plan-indexes.ts';

export interface IndexesOptions {
  readonly engine: Engine;
  readonly db: Db;
  readonly blobs: BlobStore;
  /** Loaded once and shared; the caller closes encoders after the indexes. */
  readonly loadEncoder: LoadEncoder;
  readonly vectorTables: VectorTables;
  readonly lexicalTables: LexicalTables;
  readonly clock?: Clock;
  readonly onError?: (error: unknown) => void;
  /** Pause of followers after each batch. */
  readonly throttleMilliseconds?: number;
}

/**
 * The indexes of all collections: their rows, tables and releases, and the followers that keep them up to date.
 *
 * @example
 * const indexes = new Indexes({ engine, db, blobs, loadEncoder, vectorTables, lexicalTables });
 * await indexes.start(); // only in a process that indexes
 */
export class Indexes implements IndexLayout<readonly NewIndex[]> {
  readonly #options: IndexesOptions;
  readonly #clock: Clock;
  readonly #followers: Followers;

  constructor(options: IndexesOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#followers = new Followers(options);
  }

  /** Follows the logs of all collections, those to come included. */
  async start(): Promise<void> {
    await this.#followers.start();
  }

  async close(): Promise<void> {
    await this.#followers.close();
  }

  async plan(settings: CollectionSettings): Promise<readonly NewIndex[]> {
    return await planIndexes(settings, this.#options.loadEncoder);
  }

  async apply(transaction: Sql, collection: Collection, plan: readonly NewIndex[]): Promise<string | null> {
    const { vectorTables, lexicalTables } = this.#options;
    const existing = await lockIndexes(transaction, collection.id);
    const indexIds: number[] = [];
    for (const planned of plan) {
      const kept = existing.find((row) => isPlanned(row, planned));
      const row = kept ?? (await insertIndex(transaction, collection.id, planned, this.#clock.now()));
      indexIds.push(row.id);
      if (kept !== undefined) continue;
      if (row.kind === 'vector') await vectorTables.create(transaction, vectorRowOf(row));
      else await lexicalTables.create(transaction, row.id);
    }
    for (const row of existing) {
      if (plan.some((planned) => isPlanned(row, planned))) continue;
      await this.#dropTables(transaction, row);
      await deleteIndex(transaction, row.id);
    }
    return await this.#release(transaction, collection, indexIds);
  }

  async applyRanking(transaction: Sql, collection: Collection): Promise<string | null> {
    const rows = await indexesOf(transaction, collection.id);
    const live = collection.liveReleaseId === null ? null : await findRelease(transaction, collection.liveReleaseId);
    return await this.#release(transaction, collection, live?.indexIds ?? rows.map((row) => row.id));
  }

  async drop(transaction: Sql, collectionId: number): Promise<void> {
    for (const row of await lockIndexes(transaction, collectionId)) await this.#dropTables(transaction, row);
  }

  async collectionChanged(): Promise<void> {
    await this.#followers.refresh();
  }

  async collectionRemoved(collectionId: number): Promise<void> {
    await this.#followers.stop(collectionId);
  }

  /** How far each index of a collection is behind its log. */
  async lag(collectionId: number): Promise<IndexLag[]> {
    return await readLag(this.#options.db, collectionId);
  }

  /** Returns when all indexes of the collection have applied the sequence. Throws `wait_timeout`. */
  async waitForSequence(
    collection: Pick<Collection, 'id' | 'name'>,
    sequence: number,
    timeoutMilliseconds: number,
  ): Promise<void> {
    const deadline = performance.now() + timeoutMilliseconds;
    for (;;) {
      const progress = this.#followers.nextProgress(collection.id);
      const lowest = await readLowestApplied(this.#options.db, collection.id);
      if (lowest === null || lowest >= sequence) return;
      const left = deadline - performance.now();
      if (left <= 0) {
        throw new StudioError(
          'wait_timeout',
          `The indexes of "${collection.name}" have applied ${lowest} of ${sequence} changes.`,
          {
            details: { appliedSequence: lowest, sequence },
          },
        );
      }
      await progress.orAfter(Math.min(left, 100));
    }
  }

  async #dropTables(transaction: Sql, row: { readonly id: number; readonly kind: string }): Promise<void> {
    if (row.kind === 'vector') await this.#options.vectorTables.drop(transaction, row.id);
    else await this.#options.lexicalTables.drop(transaction, row.id);
  }

  /** A release never changes: other indexes or other ranking settings make a new one. */
  async #release(transaction: Sql, collection: Collection, indexIds: readonly number[]): Promise<string | null> {
    if (indexIds.length === 0) return null;
    const live = collection.liveReleaseId === null ? null : await findRelease(transaction, collection.liveReleaseId);
    const asIs = (release: { indexIds: readonly number[]; ranking: unknown }): string =>
      canonicalJson([[...release.indexIds].sort((left, right) => left - right), release.ranking]);
    const wanted = { indexIds, ranking: collection.ranking };
    if (live !== null && asIs(live) === asIs(wanted)) return collection.liveReleaseId;
    return await insertLiveRelease(transaction, { ...wanted, collectionId: collection.id, now: this.#clock.now() });
  }
}
