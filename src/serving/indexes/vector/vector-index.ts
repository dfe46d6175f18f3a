import type { Selectable } from 'kysely';
import { StudioError } from '../../../foundation/core/errors.ts';
import type { EngineKind } from '../../../foundation/database/engine.ts';
import type { Db, Tables } from '../../../foundation/database/tables.ts';
import type { Collection, Metric } from '../../collections/schema.ts';
import type { VectorHit, VectorIndex, VectorResult } from '../ports.ts';
import { CentroidCache } from './centroid.ts';
import { PLANNER_LIMITS, type PlannerLimits, planSearch } from './planner.ts';
import { type IndexFacts, readFacts } from './scans.ts';
import { aggregatedItems, exactParts, itemCosines, itemVectors, sampleVectors } from './vector-queries.ts';
import type { IndexShape } from './vector-sql.ts';

/** Indexes and statistics change seldom; what was built meanwhile is used from then on. */
const FACTS_MILLISECONDS = 5_000;

type IndexRow = Selectable<Tables['indexes']>;
type Settings = Pick<Collection, 'id' | 'metric' | 'parts'>;
type SearchRequest = Parameters<VectorIndex['search']>[0];

/** A vector index that can also be checked against itself. */
export interface ProbedVectorIndex extends VectorIndex {
  /** Keys of the nearest live parts' items by comparing all, for the recall probe. */
  exactKeys(vector: Float32Array, limit: number): Promise<number[]>;
  /** Some of the stored vectors. */
  sample(count: number): Promise<Float32Array[]>;
}

/**
 * The served view of one vector index.
 *
 * @example
 * const index = createVectorIndex(db, engine.kind, row, collection);
 * const { hits, plan } = await index.search({ vector, limit: 10, condition: sql`i.f2 < ${20}` });
 */
export function createVectorIndex(
  db: Db,
  engine: EngineKind,
  row: IndexRow,
  collection: Settings,
  limits: PlannerLimits = PLANNER_LIMITS[engine],
): ProbedVectorIndex {
  return new PlannedVectorIndex(db, row, collection, limits);
}

class PlannedVectorIndex implements ProbedVectorIndex {
  readonly space: string;
  readonly #db: Db;
  readonly #limits: PlannerLimits;
  readonly #shape: IndexShape;
  readonly #centroid: CentroidCache;
  #facts: Promise<IndexFacts> | undefined;
  #factsAt = 0;

  constructor(db: Db, row: IndexRow, collection: Settings, limits: PlannerLimits) {
    const { space, dimensions, storage } = row;
    if (space === null || dimensions === null || storage === null) {
      throw new TypeError(`Index ${row.id} is not a vector index.`);
    }
    this.space = space;
    this.#db = db;
    this.#limits = limits;
    this.#shape = {
      indexId: row.id,
      collectionId: collection.id,
      dimensions,
      storage,
      metric: collection.metric,
      aggregate: collection.parts.aggregate,
    };
    this.#centroid = new CentroidCache(db, this.#shape);
  }

  async search(request: SearchRequest): Promise<VectorResult> {
    const { vector, limit, condition, minSimilarity } = request;
    this.#check(vector);
    if (limit <= 0) return { hits: [], plan: 'exact', approximate: false };
    const facts = await this.#currentFacts();
    const context = { db: this.#db, shape: this.#shape, limits: this.#limits, facts };
    const result = await planSearch(context, { vector, limit, condition });
    if (minSimilarity === undefined) return result;
    return { ...result, hits: result.hits.filter((hit) => hit.similarity >= minSimilarity) };
  }

  async similarities(vector: Float32Array, keys: readonly number[]): Promise<ReadonlyMap<number, VectorHit>> {
    this.#check(vector);
    if (keys.length === 0) return new Map();
    const hits = await aggregatedItems(this.#db, this.#shape, vector, { keys }, null);
    return new Map(hits.map((hit) => [hit.key, hit]));
  }

  get metric(): Metric {
    return this.#shape.metric;
  }

  async mean(): Promise<Float32Array> {
    return (await this.#centroid.mean()) ?? new Float32Array(this.#shape.dimensions);
  }

  async cosinesFromMean(direction: Float32Array, keys: readonly number[]): Promise<ReadonlyMap<number, number>> {
    this.#check(direction);
    return keys.length === 0
      ? new Map()
      : itemCosines(this.#db, this.#shape, { direction, mean: await this.mean() }, keys);
  }

  async meanSimilarity(vector: Float32Array): Promise<number> {
    this.#check(vector);
    return this.#centroid.meanSimilarity(vector);
  }

  async vectors(keys: readonly number[]): Promise<ReadonlyMap<number, Float32Array>> {
    return keys.length === 0 ? new Map() : itemVectors(this.#db, this.#shape.indexId, keys);
  }

  async exactKeys(vector: Float32Array, limit: number): Promise<number[]> {
    this.#check(vector);
    const hits =
      this.#shape.aggregate === 'max'
        ? await exactParts(this.#db, this.#shape, vector, undefined, 4 * limit)
        : await aggregatedItems(this.#db, this.#shape, vector, {}, limit);
    return [...new Set(hits.map((hit) => hit.key))].slice(0, limit);
  }

  sample(count: number): Promise<Float32Array[]> {
    return sampleVectors(this.#db, this.#shape.indexId, count);
  }

  #currentFacts(): Promise<IndexFacts> {
    const now = performance.now();
    if (this.#facts === undefined || now - this.#factsAt > FACTS_MILLISECONDS) {
      this.#factsAt = now;
      this.#facts = readFacts(this.#db, this.#shape.indexId, this.#shape.collectionId);
      this.#facts.catch(() => {
        this.#facts = undefined;
      });
    }
    return this.#facts;
  }

  #check(vector: Float32Array): void {
    const { dimensions } = this.#shape;
    if (vector.length === dimensions) return;
    throw new StudioError(
      'space_mismatch',
      `The vector has ${vector.length} numbers; the index ${this.space} holds ${dimensions}.`,
      {
        details: { expected: dimensions, received: vector.length, space: this.space },
      },
    );
  }
}
