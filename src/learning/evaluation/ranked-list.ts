import type { Grades } from './metrics.ts';

export interface ScoredHit {
  readonly id: string;
  readonly score: number;
}

/** Which order the ranks come from: the list's own, or trec_eval's, which looks at the scores alone. */
export type HitOrder = 'as-ranked' | 'trec-eval';

/** What an unjudged item is: not relevant, or not there (the condensed list of Sakai 2007, trec_eval -J). */
export type Unjudged = 'zero' | 'skipped';

/**
 * The ids in the order that is judged. trec_eval ranks by score, holds scores in single precision, and breaks ties by
 * id, last first, byte by byte: a search that returns ties in another order would be judged by luck.
 */
export function idsInOrder(hits: readonly ScoredHit[], order: HitOrder): string[] {
  if (order === 'as-ranked') return hits.map((hit) => hit.id);
  const keyed = hits.map(({ id, score }) => ({ id, score: Math.fround(score) }));
  return keyed.sort((left, right) => right.score - left.score || compareBytes(right.id, left.id)).map((hit) => hit.id);
}

/** The list without its unjudged items. */
export const condensed = (ids: readonly string[], grades: Grades): string[] => ids.filter((id) => grades.has(id));

// Strings compare by UTF-16 units, which differs from UTF-8's order beyond the basic plane.
const compareBytes = (left: string, right: string): number => Buffer.compare(Buffer.from(left), Buffer.from(right));
