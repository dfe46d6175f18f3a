import type { VectorHit } from '../indexes/ports.ts';

/** One vector index's view of the candidates. */
export interface SimilarityList {
  readonly space: string;
  readonly model: string;
  readonly hits: ReadonlyMap<number, VectorHit>;
  /** Mean similarity of the query to the whole collection: the zero point. */
  readonly mean: number;
}

export interface FusedScore {
  readonly key: number;
  readonly fused: number;
  readonly lexical: { readonly score: number; readonly normalized: number } | null;
  readonly vector: {
    readonly hit: VectorHit;
    readonly normalized: number;
    readonly space: string;
    readonly model: string;
  } | null;
}

/**
 * Convex combination of normalised scores: a · BM25 / max + (1 − a) · (similarity − mean) / (max − mean).
 * Both terms are 1 for the best candidate and 0 for an item that says nothing, so one weight fits all collections
 * (Bruch et al. 2023, "An analysis of fusion functions"; measured against rank fusion in docs/decisions/fusion.md).
 *
 * Several vector lists are not summed: an item takes its similarity from the first list that has it, the lists
 * being in order of preference, because similarities within one modality say more than those across two.
 */
export function fuse(
  lexical: ReadonlyMap<number, number>,
  lists: readonly SimilarityList[],
  lexicalWeight: number,
): FusedScore[] {
  const best = Math.max(0, ...lexical.values());
  const scales = lists.map((list) => {
    const top = Math.max(...[...list.hits.values()].map((hit) => hit.similarity));
    // Under a filter even the best may lie at the mean or below it: then the mean says nothing, and the best is the measure.
    return { list, scale: Math.max(top - list.mean, SMALLEST_SPREAD) };
  });
  const keys = new Set([...lexical.keys(), ...lists.flatMap((list) => [...list.hits.keys()])]);
  return [...keys].map((key) => {
    const score = lexical.get(key);
    const words = score === undefined || best === 0 ? null : { score, normalized: score / best };
    const vector = similarityOf(key, scales);
    return {
      key,
      fused: lexicalWeight * (words?.normalized ?? 0) + (1 - lexicalWeight) * (vector?.normalized ?? 0),
      lexical: words,
      vector,
    };
  });
}

/** Similarities closer to the mean than this are noise; it also keeps the scale away from 0. */
const SMALLEST_SPREAD = 0.01;

function similarityOf(
  key: number,
  scales: ReadonlyArray<{ list: SimilarityList; scale: number }>,
): FusedScore['vector'] {
  for (const { list, scale } of scales) {
    const hit = list.hits.get(key);
    if (hit === undefined) continue;
    const normalized = Math.max(-1, (hit.similarity - list.mean) / scale);
    return { hit, normalized, space: list.space, model: list.model };
  }
  return null;
}
