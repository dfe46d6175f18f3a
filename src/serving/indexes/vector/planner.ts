import { sql } from 'kysely';
import type { EngineKind } from '../../../foundation/database/engine.ts';
import type { Db } from '../../../foundation/database/tables.ts';
import type { Sql } from '../../collections/item-tables.ts';
import type { ItemCondition, VectorHit, VectorResult } from '../ports.ts';
import type { IndexFacts } from './scans.ts';
import {
  aggregatedItems,
  cappedExactParts,
  estimateMatches,
  exactParts,
  iterativeParts,
  nearestParts,
  type PartHit,
} from './vector-queries.ts';
import type { IndexShape } from './vector-sql.ts';

export interface PlannerLimits {
  /** Matches that are compared one by one after a probe that found too few of them: about 30 ms. */
  readonly exactCap: number;
  /** Matches that are compared one by one rather than trusted to a graph that leads elsewhere: a few 100 ms at most. */
  readonly lastCap: number;
  /** Rows that are compared one by one in the time that a graph search spends on one of its candidates. */
  readonly rowsPerCandidate: number;
}

export const PLANNER_LIMITS: Readonly<Record<EngineKind, PlannerLimits>> = {
  pglite: { exactCap: 5_000, lastCap: 100_000, rowsPerCandidate: 2 },
  postgres: { exactCap: 20_000, lastCap: 200_000, rowsPerCandidate: 6 },
};

export interface PlannerContext {
  readonly db: Db;
  readonly shape: IndexShape;
  readonly limits: PlannerLimits;
  readonly facts: IndexFacts;
}

export interface PlannerRequest {
  readonly vector: Float32Array;
  /** Items wanted. */
  readonly limit: number;
  readonly condition: ItemCondition;
}

/** How many nearest parts a probe asks for at least. */
const PROBE = 200;
/** A probe that asked for as many parts as hold enough matches on average would find too few every other time. */
const PROBE_SURPLUS = 1.5;
/** pgvector takes no larger hnsw.ef_search. */
const MAX_BREADTH = 1000;
/** Where an iterative scan gives up: the rest is cheaper to compare one by one. */
const MAX_SCANNED = 40_000;
/** A graph search finds the nearest better than the last of what it returns, so more is asked for than is needed. */
const MARGIN = 2;
const CANDIDATE_ROUNDS = 3;

/**
 * Finds the nearest items, at most one hit each; as many as were asked for whenever so many match.
 * Every branch that may have missed some says `approximate`; docs/decisions/filter-planner.md has the figures.
 */
export async function planSearch(context: PlannerContext, request: PlannerRequest): Promise<VectorResult> {
  return context.shape.aggregate === 'max' ? searchBestParts(context, request) : searchAggregated(context, request);
}

/** An item is as near as its nearest part: the first part seen decides. */
async function searchBestParts(context: PlannerContext, request: PlannerRequest): Promise<VectorResult> {
  const { facts, limits, db, shape } = context;
  const { vector, limit, condition } = request;
  if (condition === undefined) return searchUnfiltered(context, request);
  if (!isIndexed(facts)) return exact(context, request);
  const expected = await estimateMatches(db, shape.collectionId, condition);
  const share = Math.min(1, expected / Math.max(1, facts.items));
  const probed = Math.max(PROBE, (PROBE_SURPLUS * MARGIN * limit * facts.partsPerItem) / share);
  if (isExactCheaper(context, expected * facts.partsPerItem, probed)) return exact(context, request);

  const probe = await nearest(context, request, probed);
  const passing = firstOfEach(probe.filter((part) => part.passes));
  if (passing.length >= MARGIN * limit) return { hits: passing.slice(0, limit), plan: 'probe', approximate: true };

  // As many pass as the filter lets pass anywhere: the graph leads to more of them. Otherwise it leads away from them.
  const isIndependent = probe.length > 0 && passing.length / probe.length >= 0.5 * share;
  const allowed = Math.floor((isIndependent ? limits.exactCap : limits.lastCap) / facts.partsPerItem);
  const parts = Math.ceil(limit * facts.partsPerItem);
  const capped = await cappedExactParts(db, shape, vector, condition, parts, allowed);
  if (capped.matches > allowed) return iterative(context, request);
  const hits = firstOfEach(capped.parts);
  if (hits.length < limit && capped.parts.length === parts) return exact(context, request);
  return { hits: hits.slice(0, limit), plan: 'filtered-exact', approximate: false };
}

/** Whether to compare all matching parts rather than to ask the graphs for the nearest of all parts, matching or not. */
function isExactCheaper({ facts, limits }: PlannerContext, matching: number, probed: number): boolean {
  if (matching > limits.lastCap) return false;
  // More than a graph search returns would have to be looked at to find enough matches.
  if (probed > MAX_BREADTH) return true;
  const graphs = facts.scans.filter((scan) => scan.indexed).length;
  return matching <= limits.rowsPerCandidate * breadthFor(probed) * graphs;
}

async function searchUnfiltered(context: PlannerContext, request: PlannerRequest): Promise<VectorResult> {
  const { facts } = context;
  const { limit } = request;
  // A few more, since some may belong to deleted items that the index has not dropped yet.
  const parts = await nearest(context, request, limit * facts.partsPerItem + 20);
  const hits = firstOfEach(parts.filter((part) => part.passes)).slice(0, limit);
  const approximate = isIndexed(facts);
  if (hits.length === limit) return { hits, plan: approximate ? 'hnsw' : 'exact', approximate };
  return approximate ? iterative(context, request) : exact(context, request);
}

/**
 * Other aggregates need all parts of an item. Candidates are the items with the best single parts; no aggregate is
 * above an item's best part, so once the last hit is no worse than the best part of the last candidate, no item
 * outside the candidates can belong among the hits.
 */
async function searchAggregated(context: PlannerContext, request: PlannerRequest): Promise<VectorResult> {
  const { db, shape, facts, limits } = context;
  const { vector, limit, condition } = request;
  const plan = condition === undefined ? 'exact' : 'filtered-exact';
  const all = async (): Promise<VectorResult> => ({
    hits: await aggregatedItems(db, shape, vector, { condition }, limit),
    plan,
    approximate: false,
  });
  if (!isIndexed(facts)) return all();
  const cap = limits.exactCap / facts.partsPerItem;
  if (condition !== undefined && (await estimateMatches(db, shape.collectionId, condition)) <= cap) return all();
  for (let round = 1, count = 4 * limit; ; round++, count *= 4) {
    const candidates = await searchBestParts(context, { vector, limit: count, condition });
    if (candidates.hits.length < limit) return all();
    const hits = await aggregatedItems(
      db,
      shape,
      vector,
      { condition, keys: candidates.hits.map((hit) => hit.key) },
      limit,
    );
    const farthest = candidates.hits.at(-1)?.similarity ?? Number.NEGATIVE_INFINITY;
    const isComplete =
      candidates.hits.length < count || (hits.at(-1)?.similarity ?? Number.NEGATIVE_INFINITY) >= farthest;
    if (isComplete) return { ...candidates, hits };
    if (round === CANDIDATE_ROUNDS) return { ...candidates, hits, approximate: true };
  }
}

/** Compares all matches. A page of parts may hold an item several times, so it grows until it holds enough items. */
async function exact({ db, shape, facts }: PlannerContext, request: PlannerRequest): Promise<VectorResult> {
  const { vector, limit, condition } = request;
  const plan = condition === undefined ? 'exact' : 'filtered-exact';
  for (let parts = Math.ceil(limit * facts.partsPerItem); ; parts *= 4) {
    const found = await exactParts(db, shape, vector, condition, parts);
    const hits = firstOfEach(found).slice(0, limit);
    if (hits.length === limit || found.length < parts) return { hits, plan, approximate: false };
  }
}

/** Goes on along the graph until enough items pass; the last resort is to compare all. */
async function iterative(context: PlannerContext, request: PlannerRequest): Promise<VectorResult> {
  const { shape, facts } = context;
  const { vector, limit, condition } = request;
  const parts = Math.ceil(MARGIN * limit * facts.partsPerItem);
  const found = await tuned(context.db, MAX_BREADTH, (db) =>
    iterativeParts(db, shape, facts.scans, vector, condition, parts),
  );
  const hits = firstOfEach(found).slice(0, limit);
  return hits.length === limit ? { hits, plan: 'iterative', approximate: true } : exact(context, request);
}

function nearest(context: PlannerContext, request: PlannerRequest, parts: number): Promise<PartHit[]> {
  const { db, shape, facts } = context;
  const search = (session: Sql, limit: number): Promise<PartHit[]> =>
    nearestParts(session, shape, facts.scans, request.vector, request.condition, limit);
  if (!isIndexed(facts)) return search(db, Math.ceil(parts));
  const limit = Math.min(MAX_BREADTH, Math.ceil(parts));
  return tuned(db, limit, (session) => search(session, limit));
}

/** Candidates that a scan keeps (`hnsw.ef_search`) to return so many parts. */
const breadthFor = (limit: number): number => Math.min(MAX_BREADTH, Math.max(100, Math.ceil(1.5 * limit)));

/** An HNSW scan keeps `hnsw.ef_search` candidates; the settings end with the transaction. */
function tuned<T>(db: Db, limit: number, run: (session: Sql) => Promise<T>): Promise<T> {
  return db.transaction().execute(async (session) => {
    // Without the last two a small table would be sorted instead, which is right but is not what was planned.
    await sql`select set_config('hnsw.ef_search', ${String(breadthFor(limit))}, true),
      set_config('hnsw.iterative_scan', 'relaxed_order', true),
      set_config('hnsw.max_scan_tuples', ${String(MAX_SCANNED)}, true),
      set_config('enable_seqscan', 'off', true), set_config('enable_sort', 'off', true)`.execute(session);
    return run(session);
  });
}

const isIndexed = (facts: IndexFacts): boolean => facts.scans.some((scan) => scan.indexed);

/** Parts come nearest first, so the first part of an item carries its maximum. */
function firstOfEach(parts: readonly VectorHit[]): VectorHit[] {
  const first = new Map<number, VectorHit>();
  for (const { key, similarity, part } of parts) if (!first.has(key)) first.set(key, { key, similarity, part });
  return [...first.values()];
}
