import { cosine, dot } from '../../../../src/foundation/core/math.ts';
import type { Metric, PartAggregation } from '../../../../src/serving/collections/schema.ts';
import type { VectorItem } from '../../../support/vector-collection.ts';

export const SIMILARITIES: Readonly<Record<Metric, (left: Float32Array, right: Float32Array) => number>> = {
  cosine,
  dot,
  l2: (left, right) => -Math.sqrt(left.reduce((sum, value, i) => sum + (value - (right[i] as number)) ** 2, 0)),
};

export function aggregate(similarities: readonly number[], how: PartAggregation): number {
  const sorted = [...similarities].sort((left, right) => right - left);
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  if (how === 'max') return sorted[0] as number;
  if (how === 'min') return sorted.at(-1) as number;
  return how === 'mean' ? mean(sorted) : mean(sorted.slice(0, how.topMean));
}

/** What a search has to return, by looking at everything. */
export function nearestItems(
  items: readonly VectorItem[],
  query: Float32Array,
  metric: Metric,
  how: PartAggregation,
  limit: number,
) {
  return items
    .filter((item) => item.deleted !== true && item.parts.length > 0)
    .map((item) => {
      const parts = item.parts.map((part) => SIMILARITIES[metric](query, part));
      return { key: item.key, similarity: aggregate(parts, how), best: Math.max(...parts) };
    })
    .sort((left, right) => right.similarity - left.similarity || left.key - right.key)
    .slice(0, limit);
}
