import type { StoredJudgment } from '../../judgments/judgment.ts';
import type { ExampleCaps } from './click-examples.ts';
import type { Example } from './example.ts';

type Rated = Pick<StoredJudgment, 'queryKey' | 'query' | 'itemId' | 'grade' | 'weight'>;

/**
 * Right for a query is what is graded above its judged items' mean; where all have one grade above 0, all are. It counts by the excess,
 * in shares of the highest grade of all, so that it stands beside what clicks say. Wrong is what is graded below the mean, the worst first.
 */
export function ratedExamples(judgments: readonly Rated[], caps: ExampleCaps): Example[] {
  const highest = judgments.reduce((most, { grade }) => Math.max(most, grade), 0);
  if (highest === 0) return [];
  const examples: Example[] = [];
  for (const [queryKey, judged] of Map.groupBy(judgments, (judgment) => judgment.queryKey)) {
    const sorted = judged.toSorted(
      (left, right) =>
        right.grade - left.grade || (left.itemId < right.itemId ? -1 : Number(left.itemId > right.itemId)),
    );
    const mean = sorted.reduce((sum, { grade }) => sum + grade, 0) / sorted.length;
    const alike = sorted[0]?.grade === sorted.at(-1)?.grade;
    const base = alike ? 0 : mean;
    const negatives = sorted
      .filter(({ grade }) => !alike && grade < mean)
      .map(({ itemId }) => itemId)
      .reverse()
      .slice(0, caps.negatives);
    for (const { query, itemId, grade, weight } of sorted.slice(0, caps.perQuery)) {
      if (grade > base)
        examples.push({ queryKey, query, itemId, weight: (weight * (grade - base)) / highest, negatives });
    }
  }
  return examples;
}

/** Both together: of a pair that people have judged, they are heard, and what is right for anybody is wrong for nobody. */
export function mergeExamples(rated: readonly Example[], clicked: readonly Example[]): Example[] {
  const judged = new Map(rated.map((example) => [pairOf(example), example]));
  const wrong = new Set(
    rated.flatMap(({ queryKey, negatives }) => negatives.map((itemId) => pairOf({ queryKey, itemId }))),
  );
  const kept = clicked.filter((example) => !judged.has(pairOf(example)) && !wrong.has(pairOf(example)));
  const all = [...rated, ...kept];
  const right = new Set(all.map(pairOf));
  return all.map((example) => ({
    ...example,
    negatives: example.negatives.filter((itemId) => !right.has(pairOf({ queryKey: example.queryKey, itemId }))),
  }));
}

const pairOf = ({ queryKey, itemId }: Pick<Example, 'queryKey' | 'itemId'>): string =>
  JSON.stringify([queryKey, itemId]);
