import type { SearchRequest, SearchResponse } from '../../../serving/search/request.ts';
import type { Example } from './example.ts';

export interface MiningOptions {
  readonly collection: string;
  readonly search: { search(collection: string, request: SearchRequest): Promise<SearchResponse> };
  /** Further wrong items a query. */
  readonly perQuery: number;
  /** Queries that are asked, at most. */
  readonly queries: number;
  readonly signal: AbortSignal;
  readonly onProgress: (done: number, total: number) => void;
}

/** Ranks that are looked at. */
const DEPTH = 50;
/** A hit that scores nearly as high as what is known to be right is more often right than wrong (Moreira et al. 2024, NV-Retriever). */
const MARGIN = 0.95;

/**
 * Adds hits of the served ranking that nobody has found right: they are hard to tell from what is. Memory is left out of the searches,
 * and they leave no record.
 */
export async function mineNegatives(examples: readonly Example[], options: MiningOptions): Promise<Example[]> {
  const { collection, search, perQuery, signal, onProgress } = options;
  const queries = [...Map.groupBy(examples, ({ queryKey }) => queryKey)];
  const total = Math.min(queries.length, options.queries);
  const mined = new Map<string, readonly string[]>();
  for (const [index, [queryKey, own]] of queries.slice(0, total).entries()) {
    signal.throwIfAborted();
    onProgress(index, total);
    const request = { query: [{ text: own[0]?.query ?? '' }], limit: DEPTH, fields: [], record: false, memory: false };
    const { hits } = await search.search(collection, request);
    mined.set(queryKey, hardest(hits, new Set(own.map(({ itemId }) => itemId)), perQuery));
  }
  return examples.map((example) => ({
    ...example,
    negatives: [...new Set([...example.negatives, ...(mined.get(example.queryKey) ?? [])])],
  }));
}

/** The highest hits below the margin under the lowest right one; where no right one was found there is nothing to measure by. */
function hardest(
  hits: ReadonlyArray<{ readonly id: string; readonly score: number }>,
  right: ReadonlySet<string>,
  count: number,
): string[] {
  const lowest = hits.filter(({ id }) => right.has(id)).at(-1);
  if (lowest === undefined) return [];
  return hits
    .filter(({ id, score }) => !right.has(id) && score < lowest.score * MARGIN)
    .slice(0, count)
    .map(({ id }) => id);
}
