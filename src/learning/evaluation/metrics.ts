/**
 * Ranking metrics over a ranked list of item ids and graded judgments. Unjudged items count as grade 0.
 */
export type Grades = ReadonlyMap<string, number>;

/** Discounted cumulative gain with linear gains: Σ grade / log2(rank + 1) (Järvelin and Kekäläinen 2002, as in trec_eval). */
export function dcgAt(grades: readonly number[], k: number): number {
  let sum = 0;
  for (let rank = 0; rank < Math.min(k, grades.length); rank++) sum += (grades[rank] as number) / Math.log2(rank + 2);
  return sum;
}

/**
 * nDCG@k in [0, 1]: the list's DCG over the best possible one. 0 when nothing is relevant.
 *
 * @example ndcgAt(['b', 'a'], new Map([['a', 1]]), 10) // 0.6309…
 */
export function ndcgAt(ranked: readonly string[], grades: Grades, k: number): number {
  const ideal = dcgAt(
    [...grades.values()].filter((grade) => grade > 0).sort((left, right) => right - left),
    k,
  );
  if (ideal === 0) return 0;
  return (
    dcgAt(
      ranked.slice(0, k).map((id) => grades.get(id) ?? 0),
      k,
    ) / ideal
  );
}

/** Share of the first k that is relevant; the denominator is always k. */
export function precisionAt(ranked: readonly string[], grades: Grades, k: number): number {
  return ranked.slice(0, k).filter((id) => (grades.get(id) ?? 0) > 0).length / k;
}

export const mean = (values: readonly number[]): number =>
  values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
