import { norm } from '../../../foundation/core/math.ts';
import type { ProfileSettings } from '../../../serving/collections/schema.ts';
import type { SignalScore } from '../../../serving/search/ranking-signal.ts';

/** What a user's actions say, in the space of the items' vectors. */
export interface Taste {
  /** Direction of the weighted mean, of length 1; null when nothing is left to say. */
  readonly vector: Float32Array | null;
  /** Sum of the weights' sizes. */
  readonly evidence: number;
  /** The items with most weight, for and against, the largest first. */
  readonly items: ReadonlyArray<{ readonly itemId: string; readonly weight: number }>;
}

/** Items that a profile names. */
const MAX_NAMED = 20;
const DAY = 86_400_000;

/** The mean of the items' directions, each by its weight; items without a vector, such as deleted ones, say nothing. */
export function tasteOf(weights: ReadonlyMap<string, number>, vectors: ReadonlyMap<string, Float32Array>): Taste {
  const items = [...weights]
    .filter(([itemId, weight]) => weight !== 0 && norm(vectors.get(itemId) ?? NOTHING) > 0)
    .map(([itemId, weight]) => ({ itemId, weight }))
    .sort((left, right) => Math.abs(right.weight) - Math.abs(left.weight) || (left.itemId < right.itemId ? -1 : 1));
  let sum: Float64Array | null = null;
  for (const { itemId, weight } of items) {
    const vector = vectors.get(itemId) ?? NOTHING;
    sum ??= new Float64Array(vector.length);
    const scale = weight / norm(vector);
    for (let i = 0; i < vector.length; i++) sum[i] = (sum[i] as number) + scale * (vector[i] as number);
  }
  const evidence = items.reduce((total, { weight }) => total + Math.abs(weight), 0);
  return { vector: sum === null ? null : direction(sum, evidence), evidence, items: items.slice(0, MAX_NAMED) };
}

const NOTHING = new Float32Array(0);
/** A sum that is this small beside its parts is what rounding left of likes and dislikes that cancel out. */
const SMALLEST_SHARE = 1e-6;

function direction(sum: Float64Array, evidence: number): Float32Array | null {
  const length = Math.hypot(...sum);
  if (length < SMALLEST_SHARE * evidence) return null;
  return Float32Array.from(sum, (value) => value / length);
}

/** Evidence that was summed up then, as of now. */
export function decayed(evidence: number, then: Date, now: Date, halfLifeDays: number): number {
  return evidence * 0.5 ** (Math.max(0, now.getTime() - then.getTime()) / DAY / halfLifeDays);
}

/** Why a profile moved a candidate, as `explain` shows it. */
export interface ProfileExplanation {
  readonly similarity: number;
  readonly meanSimilarity: number;
  readonly evidence: number;
  /** How much the profile counts: evidence / (evidence + prior). */
  readonly weight: number;
}

/**
 * Boosts of candidates: w · strength · (cosine with the profile − the candidates' mean cosine), at most ± limit, with
 * w = n / (n + prior) of the evidence n. The mean takes away what all candidates have in common, which is the query.
 */
export function boostsOf(
  cosines: ReadonlyMap<number, number>,
  evidence: number,
  { strength, prior, limit }: ProfileSettings,
): Map<number, SignalScore> {
  // In one order: the database gives the rows in any, and the last bit of a sum depends on it.
  const sorted = [...cosines].sort(([left], [right]) => left - right);
  const mean = sorted.reduce((sum, [, cosine]) => sum + cosine, 0) / Math.max(1, sorted.length);
  const weight = evidence / (evidence + prior);
  return new Map(
    sorted.map(([key, similarity]) => {
      const boost = Math.max(-limit, Math.min(limit, weight * strength * (similarity - mean)));
      return [key, { boost, why: { similarity, meanSimilarity: mean, evidence, weight } satisfies ProfileExplanation }];
    }),
  );
}
