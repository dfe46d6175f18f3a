import type { AskedArm } from './ask-arms.ts';
import type { EvaluationResult } from './evaluation-result.ts';

const FEW_QUERIES = 50;
const HALF = 0.5;

/** What a reader should know before believing the figures. */
export function warningsOf(
  { queries, arms, unjudged }: Omit<EvaluationResult, 'warnings'>,
  asked: readonly AskedArm[],
): string[] {
  const warnings: string[] = [];
  if (queries < FEW_QUERIES)
    warnings.push(
      `With ${queries} ${queries === 1 ? 'query' : 'queries'} every interval is too narrow; judge at least ${FEW_QUERIES}.`,
    );
  const hardlyJudged = arms.filter(({ judged }) => judged < HALF);
  if (hardlyJudged.length > 0) {
    const shares = hardlyJudged.map(({ name, judged }) => `${Math.round(100 * judged)} % of "${name}"`).join(', ');
    const meaning = unjudged === 'zero' ? 'counts as not relevant' : 'is left out of the lists';
    warnings.push(
      `Less than half of the first ten hits are judged (${shares}); the rest ${meaning}. Compare with the other way to read unjudged hits, or judge more.`,
    );
  }
  arms.forEach(({ name, unanswered }, at) => {
    const { releases = [], degraded = 0 } = asked[at] ?? {};
    if (unanswered > 0) warnings.push(`"${name}" had no hit for ${unanswered} of ${queries} queries.`);
    if (releases.length > 1) warnings.push(`The release behind "${name}" changed while it was asked.`);
    if (degraded > 0) warnings.push(`${degraded} searches of "${name}" went on without a part of them.`);
  });
  return warnings;
}
