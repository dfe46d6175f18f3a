import type { CollectionSettings } from './evolve-schema.ts';
import type { Sql } from './item-tables.ts';
import type { Collection } from './schema.ts';

/**
 * What a collection needs from its indexes. Collections own this port; `indexes/indexes.ts` implements it.
 * `Plan` is whatever must be known before the transaction starts, for example the outputs of loaded models.
 */
export interface IndexLayout<Plan = unknown> {
  plan(settings: CollectionSettings): Promise<Plan>;
  /** Makes index rows, tables and the live release fit the collection; returns the id of the live release. */
  apply(transaction: Sql, collection: Collection, plan: Plan): Promise<string | null>;
  /** Keeps the indexes and serves them with other ranking settings. */
  applyRanking(transaction: Sql, collection: Collection): Promise<string | null>;
  /** Drops the tables of a collection's indexes. */
  drop(transaction: Sql, collectionId: number): Promise<void>;
  /** After the transaction: the collection is new or has changed. */
  collectionChanged(collection: Collection): Promise<void>;
  /** Before the transaction that deletes it. */
  collectionRemoved(collectionId: number): Promise<void>;
}
