import type { Metric } from '../collections/schema.ts';
import type { ItemCondition, LexicalIndex, VectorHit, VectorPlan } from '../indexes/ports.ts';
import type { SimilarityList } from './fuse.ts';
import type { QueryVector } from './query-vectors.ts';

export interface Candidates {
  readonly lexical: Map<number, number>;
  readonly lists: Array<SimilarityList & { readonly hits: Map<number, VectorHit>; readonly query: QueryVector }>;
  readonly plans: ReadonlyArray<{ readonly space: string; readonly plan: VectorPlan; readonly approximate: boolean }>;
  /** Whether there may be matches beyond these. */
  readonly complete: boolean;
}

export interface RetrieveRequest {
  readonly words: { readonly index: LexicalIndex; readonly text: string } | null;
  readonly vectors: readonly QueryVector[];
  readonly condition: ItemCondition;
  readonly pool: number;
  readonly minSimilarity: number | undefined;
}

/** The best of each list, then each list's score for what only the others found, so that fusion compares like with like. */
export async function retrieve(request: RetrieveRequest): Promise<Candidates> {
  const { words, vectors, condition, pool, minSimilarity } = request;
  const filter = condition === undefined ? {} : { condition };
  const bound = minSimilarity === undefined ? {} : { minSimilarity };
  const [found, ...results] = await Promise.all([
    words?.index.search({ text: words.text, limit: pool, ...filter }),
    ...vectors.map(async (query) => ({
      query,
      result: await query.target.index.search({ vector: query.vector, limit: pool, ...filter, ...bound }),
      mean: await query.target.index.meanSimilarity(query.vector),
    })),
  ]);
  const lexical = new Map((found?.hits ?? []).map((hit) => [hit.key, hit.score]));
  const lists = results.map(({ query, result, mean }) => ({
    query,
    mean,
    space: query.target.space,
    model: query.target.model,
    hits: new Map(result.hits.map((hit) => [hit.key, hit])),
  }));
  return {
    lexical,
    lists,
    plans: results.map(({ query, result }) => ({
      space: query.target.space,
      plan: result.plan,
      approximate: result.approximate,
    })),
    complete: lexical.size < pool && results.every(({ result }) => result.hits.length < pool),
  };
}

/** Fills in the scores of candidates that a list did not bring itself; `extra` are candidates from elsewhere. */
export async function complete(
  candidates: Candidates,
  request: RetrieveRequest,
  extra: readonly number[],
): Promise<void> {
  const { words } = request;
  const all = new Set([
    ...candidates.lexical.keys(),
    ...candidates.lists.flatMap((list) => [...list.hits.keys()]),
    ...extra,
  ]);
  await Promise.all([
    (async () => {
      const missing = [...all].filter((key) => !candidates.lexical.has(key));
      // A list shorter than the pool is all that matches: the others have score 0.
      if (words === null || missing.length === 0 || candidates.lexical.size < request.pool) return;
      for (const [key, score] of await words.index.scores(words.text, missing)) candidates.lexical.set(key, score);
    })(),
    ...candidates.lists.map(async (list) => {
      const missing = [...all].filter((key) => !list.hits.has(key));
      if (missing.length === 0) return;
      const found = await list.query.target.index.similarities(list.query.vector, missing);
      for (const [key, hit] of found) list.hits.set(key, hit);
    }),
  ]);
}

/** The smallest similarity that a maximal distance allows. */
export function minSimilarityOf(metric: Metric, maxDistance: number | undefined): number | undefined {
  if (maxDistance === undefined) return undefined;
  return metric === 'cosine' ? 1 - maxDistance : -maxDistance;
}
