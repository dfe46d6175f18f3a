import type { RawBuilder, Transaction } from 'kysely';
import type { Db, Tables } from '../../foundation/database/tables.ts';
import type { Metric } from '../collections/schema.ts';

/**
 * A condition over the item table under the alias `i`, or undefined for no filter. Every index table joins
 * the item table by `key`, so one translated filter serves vector search, lexical search, counts and facets.
 */
export type ItemCondition = RawBuilder<boolean> | undefined;

export interface VectorHit {
  readonly key: number;
  /** Item similarity after part aggregation: cosine, inner product, or minus the L2 distance. Larger is nearer. */
  readonly similarity: number;
  /** Best part of the item, its position and text when the item was split. */
  readonly part: { readonly position: number; readonly text: string | null; readonly similarity: number };
}

export type VectorPlan = 'hnsw' | 'exact' | 'probe' | 'filtered-exact' | 'iterative';

export interface VectorResult {
  readonly hits: readonly VectorHit[];
  readonly plan: VectorPlan;
  /** True when the list may differ from the exact one. */
  readonly approximate: boolean;
}

/** A view of the change log: one vector per part, in one space. */
export interface VectorIndex {
  readonly space: string;
  /** Nearest items, at most one hit each, sorted by similarity. Full when at least `limit` items match. */
  search(request: {
    vector: Float32Array;
    limit: number;
    condition?: ItemCondition;
    minSimilarity?: number;
  }): Promise<VectorResult>;
  /** Exact similarity of given items; items without a vector are absent. */
  similarities(vector: Float32Array, keys: readonly number[]): Promise<ReadonlyMap<number, VectorHit>>;
  readonly metric: Metric;
  /** Mean of the whole collection's vectors; for the cosine, of the vectors at length 1. All 0 while there are none. */
  mean(): Promise<Float32Array>;
  /**
   * Cosine of a direction with where given items (mean of parts, for the cosine at length 1) lie from the collection's
   * mean, whatever the metric: what all items have in common does not count. Items without a vector are absent.
   */
  cosinesFromMean(direction: Float32Array, keys: readonly number[]): Promise<ReadonlyMap<number, number>>;
  /** Mean similarity of the query to the whole collection, from the stored centroid; the zero point of score fusion. */
  meanSimilarity(vector: Float32Array): Promise<number>;
  /** Item vectors (mean of parts) for more-like-this; absent keys have none. */
  vectors(keys: readonly number[]): Promise<ReadonlyMap<number, Float32Array>>;
}

export interface LexicalHit {
  readonly key: number;
  /** BM25 score. */
  readonly score: number;
}

export interface LexicalResult {
  readonly hits: readonly LexicalHit[];
  /** Number of matching items, or null when it was not counted. */
  readonly matched: number | null;
}

/** A view of the change log: BM25 over the collection's lexical fields. */
export interface LexicalIndex {
  search(request: { text: string; limit: number; condition?: ItemCondition; count?: boolean }): Promise<LexicalResult>;
  /** BM25 scores of given items; items without a matching term are absent. */
  scores(text: string, keys: readonly number[]): Promise<ReadonlyMap<number, number>>;
  /** Keys of all matching items as a condition over `i`, for counts and facets. */
  matches(text: string): ItemCondition;
}

/** One change as the followers see it: the newest state of an item. */
export interface Change {
  readonly key: number;
  readonly id: string;
  readonly sequence: number;
  readonly deleted: boolean;
  readonly payload: Readonly<Record<string, unknown>>;
  /** Sequence of the last change that this kind of index has to act on. */
  readonly embedSequence: number;
  readonly lexicalSequence: number;
}

/** Why an index could not take an item. The log goes on; the failure is kept until the item is indexed or deleted. */
export interface IndexFailure {
  readonly itemId: string;
  readonly sequence: number;
  /** For example `split`, `encode`, `analyse`. */
  readonly stage: string;
  readonly code: string;
  readonly message: string;
}

/** Changes made ready outside the transaction. */
export interface PreparedBatch {
  /** Replaces the rows of the items in the batch; running it twice has the effect of once. */
  write(transaction: Db | Transaction<Tables>): Promise<void>;
  readonly failures: readonly IndexFailure[];
}

/**
 * Turns changes into rows of one group of indexes that advance together: all outputs of one model, or the lexical
 * index. A follower calls it with the changes that matter to the group, in the order of the log; `prepare` of the
 * next batch runs while `write` of the one before is committed, so a writer keeps no state that depends on commits.
 */
export interface IndexWriter {
  readonly indexIds: readonly number[];
  prepare(changes: readonly Change[]): Promise<PreparedBatch>;
}
