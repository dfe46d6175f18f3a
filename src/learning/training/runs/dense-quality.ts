import { mean, ndcgAt } from '../../evaluation/metrics.ts';
import type { Snapshot } from '../datasets/snapshot.ts';
import { FrozenEncoder } from '../sources/frozen-encoder.ts';
import type { Watch } from '../sources/watch.ts';

/** How well vectors alone rank what was shown, for queries that were not trained on. */
export interface DenseQuality {
  readonly metric: 'ndcg@10';
  readonly queries: number;
  readonly before: number;
  readonly after: number;
  readonly note: string;
}

const NOTE =
  'Of the dense ranking alone, among the items that were shown: a sign that training works, no evidence that the ranking that is served gets better.';
const MOST_QUERIES = 500;
const DEPTH = 10;

/** Encoders of queries and of items. */
export interface Towers {
  readonly queries: string;
  readonly items: string;
}

/**
 * Among the right and the wrong items of each query, and not in the whole catalogue: clicks fell on what the old ranking had shown, and
 * there any other one looks worse. Null when no query of the part that watches has both.
 */
export async function denseQuality(
  { examples, items }: Snapshot,
  before: Towers,
  after: Towers,
  watch: Watch,
): Promise<DenseQuality | null> {
  const watching = Map.groupBy(
    examples.filter(({ part, negatives }) => part === 'validation' && negatives.length > 0),
    ({ queryKey }) => queryKey,
  );
  const queries = [...watching.values()].slice(0, MOST_QUERIES).map((own) => ({
    text: own[0]?.query ?? '',
    grades: new Map(own.map(({ itemId, weight }) => [itemId, weight])),
    candidates: [...new Set(own.flatMap(({ itemId, negatives }) => [itemId, ...negatives]))],
  }));
  if (queries.length === 0) return null;
  const ids = [...new Set(queries.flatMap(({ candidates }) => candidates))];
  const open = new Map<string, FrozenEncoder>();
  const encoder = (folder: string): FrozenEncoder => {
    const known = open.get(folder) ?? new FrozenEncoder(folder, watch);
    open.set(folder, known);
    return known;
  };
  const figure = async (towers: Towers): Promise<number> => {
    const texts = ids.map((id) => items.get(id) ?? '');
    const vectors = await encoder(towers.items).vectors(texts, 'item');
    const vectorOf = new Map(ids.map((id, at) => [id, vectors[at] ?? new Float32Array()]));
    const asked = await encoder(towers.queries).vectors(
      queries.map(({ text }) => text),
      'query',
    );
    const values = queries.map(({ candidates, grades }, at) => {
      const from = asked[at] ?? new Float32Array();
      const score = new Map(candidates.map((id) => [id, dot(from, vectorOf.get(id) ?? new Float32Array())]));
      const ranked = candidates.toSorted((left, right) => (score.get(right) ?? 0) - (score.get(left) ?? 0));
      return ndcgAt(ranked, grades, DEPTH);
    });
    return mean(values);
  };
  try {
    const [old, trained] = [await figure(before), await figure(after)];
    return { metric: 'ndcg@10', queries: queries.length, before: old, after: trained, note: NOTE };
  } finally {
    for (const one of open.values()) await one.close();
  }
}

const dot = (left: Float32Array, right: Float32Array): number =>
  left.reduce((sum, value, at) => sum + value * (right[at] ?? 0), 0);
