/**
 * Ranking metrics over a ranked list of item ids and graded judgments, as trec_eval defines them. An unjudged item
 * counts as grade 0 here; `condensed` takes unjudged items out of the list first.
 */
export type Grades = ReadonlyMap<string, number>;

/** What a grade is worth: itself (trec_eval's nDCG), or 2^grade − 1 (Burges et al. 2005), which favours the best items. */
const GAINS = {
  linear: (grade: number): number => Math.max(0, grade),
  exponential: (grade: number): number => 2 ** Math.max(0, grade) - 1,
} as const;
export type Gain = keyof typeof GAINS;

/** Discounted cumulative gain of gains in ranked order: Σ gain / log2(rank + 1) (Järvelin and Kekäläinen 2002). */
export function dcgAt(gains: readonly number[], k: number): number {
  let sum = 0;
  for (let rank = 0; rank < Math.min(k, gains.length); rank++) sum += (gains[rank] as number) / Math.log2(rank + 2);
  return sum;
}

/** The gains of a ranked list, 0 for what is unjudged. */
export const gainsOf = (ranked: readonly string[], grades: Grades, gain: Gain = 'linear'): number[] =>
  ranked.map((id) => GAINS[gain](grades.get(id) ?? 0));

/**
 * nDCG@k in [0, 1]: the list's DCG over the best possible one. 0 when nothing is relevant. `k` may be Infinity.
 *
 * @example ndcgAt(['b', 'a'], new Map([['a', 1]]), 10) // 0.6309…
 */
export function ndcgAt(ranked: readonly string[], grades: Grades, k: number, gain: Gain = 'linear'): number {
  const best = [...grades.values()].map(GAINS[gain]).sort((left, right) => right - left);
  const ideal = dcgAt(best, k);
  return ideal === 0 ? 0 : dcgAt(gainsOf(ranked.slice(0, k), grades, gain), k) / ideal;
}

/** Share of the first k that is relevant; the denominator is always k. */
export const precisionAt = (ranked: readonly string[], grades: Grades, k: number, relevantFrom?: number): number =>
  countRelevant(ranked.slice(0, k), grades, relevantFrom) / k;

/** Share of all relevant items that the first k hold; 0 when nothing is relevant. */
export function recallAt(ranked: readonly string[], grades: Grades, k: number, relevantFrom?: number): number {
  const relevant = countRelevant([...grades.keys()], grades, relevantFrom);
  return relevant === 0 ? 0 : countRelevant(ranked.slice(0, k), grades, relevantFrom) / relevant;
}

/** 1 when the first k hold anything relevant, else 0; its mean over queries is the hit rate (trec_eval: success). */
export const hitRateAt = (ranked: readonly string[], grades: Grades, k: number, relevantFrom?: number): number =>
  countRelevant(ranked.slice(0, k), grades, relevantFrom) > 0 ? 1 : 0;

/** One over the rank of the first relevant item, 0 when the first k hold none; its mean over queries is the MRR. */
export function reciprocalRankAt(ranked: readonly string[], grades: Grades, k: number, relevantFrom?: number): number {
  const first = ranked.slice(0, k).findIndex((id) => isRelevant(grades.get(id), relevantFrom));
  return first === -1 ? 0 : 1 / (first + 1);
}

/**
 * Mean of the precisions at the ranks of the relevant items, over all relevant items (also those below k, as in
 * trec_eval's map_cut); its mean over queries is the MAP.
 */
export function averagePrecisionAt(
  ranked: readonly string[],
  grades: Grades,
  k: number,
  relevantFrom?: number,
): number {
  const relevant = countRelevant([...grades.keys()], grades, relevantFrom);
  let found = 0;
  let sum = 0;
  ranked.slice(0, k).forEach((id, index) => {
    if (!isRelevant(grades.get(id), relevantFrom)) return;
    found++;
    sum += found / (index + 1);
  });
  return relevant === 0 ? 0 : sum / relevant;
}

/** Share of the first k that anybody judged: how far the other figures can be trusted. Over what came, not over k. */
export function judgedShareAt(ranked: readonly string[], grades: Grades, k: number): number {
  const first = ranked.slice(0, k);
  return first.length === 0 ? 0 : first.filter((id) => grades.has(id)).length / first.length;
}

export const mean = (values: readonly number[]): number =>
  values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;

/** Without a threshold every grade above 0 is relevant, so that graded scales of any size work. */
const isRelevant = (grade: number | undefined, from: number | undefined): boolean =>
  grade !== undefined && grade > 0 && (from === undefined || grade >= from);

const countRelevant = (ids: readonly string[], grades: Grades, from: number | undefined): number =>
  ids.filter((id) => isRelevant(grades.get(id), from)).length;
