import { StudioError } from '../../foundation/core/errors.ts';
import {
  averagePrecisionAt,
  dcgAt,
  type Gain,
  type Grades,
  gainsOf,
  hitRateAt,
  judgedShareAt,
  mean,
  ndcgAt,
  precisionAt,
  recallAt,
  reciprocalRankAt,
} from './metrics.ts';
import { condensed, type HitOrder, idsInOrder, type ScoredHit, type Unjudged } from './ranked-list.ts';

export const METRICS = ['ndcg', 'dcg', 'mrr', 'map', 'recall', 'precision', 'hit-rate', 'judged'] as const;
type MetricName = (typeof METRICS)[number];
/** A metric with its depth, for example `ndcg@10`; without a depth the whole list is judged. */
export type Metric = MetricName | `${MetricName}@${number}`;

export interface EvaluateRunOptions {
  readonly metrics: readonly Metric[];
  readonly order?: HitOrder;
  readonly unjudged?: Unjudged;
  readonly gain?: Gain;
  /** The lowest grade that counts as relevant for all metrics without gains; every grade above 0 by default. */
  readonly relevantFrom?: number;
  /** A judged query that the run does not answer: 0 (trec_eval -c, the default) or no part of the mean. */
  readonly unanswered?: 'zero' | 'left-out';
}

export interface RunEvaluation {
  /** Query → metric → value, in the order of the judgments. */
  readonly byQuery: ReadonlyMap<string, Readonly<Record<string, number>>>;
  readonly means: Readonly<Record<string, number>>;
}

/**
 * Judges the answers to many queries. Queries without judgments are left out: nothing is known about them.
 *
 * @throws StudioError invalid_request for an unknown metric, a depth below 1, or an item that one answer lists twice
 * @example evaluateRun(new Map([['q', [{ id: 'a', score: 1 }]]]), new Map([['q', new Map([['a', 2]])]]), { metrics: ['ndcg@10'] }).means
 */
export function evaluateRun(
  run: ReadonlyMap<string, readonly ScoredHit[]>,
  judgments: ReadonlyMap<string, Grades>,
  options: EvaluateRunOptions,
): RunEvaluation {
  const { metrics, order = 'as-ranked', unjudged = 'zero', unanswered = 'zero' } = options;
  const parsed = metrics.map((metric) => ({ metric, ...parseMetric(metric) }));
  const byQuery = new Map<string, Record<string, number>>();
  for (const [query, grades] of judgments) {
    const hits = run.get(query);
    if (hits === undefined && unanswered === 'left-out') continue;
    const ids = idsInOrder(hits ?? [], order);
    if (new Set(ids).size !== ids.length)
      throw new StudioError('invalid_request', `The answer to "${query}" lists an item twice.`);
    const ranked = unjudged === 'zero' ? ids : condensed(ids, grades);
    byQuery.set(
      query,
      Object.fromEntries(parsed.map(({ metric, name, k }) => [metric, valueFor(name, k, ranked, grades, options)])),
    );
  }
  const rows = [...byQuery.values()];
  const means = Object.fromEntries(metrics.map((metric) => [metric, mean(rows.map((row) => row[metric] as number))]));
  return { byQuery, means };
}

function valueFor(name: MetricName, k: number, ranked: string[], grades: Grades, options: EvaluateRunOptions): number {
  const { gain = 'linear', relevantFrom } = options;
  switch (name) {
    case 'ndcg':
      return ndcgAt(ranked, grades, k, gain);
    case 'dcg':
      return dcgAt(gainsOf(ranked, grades, gain), k);
    case 'mrr':
      return reciprocalRankAt(ranked, grades, k, relevantFrom);
    case 'map':
      return averagePrecisionAt(ranked, grades, k, relevantFrom);
    case 'recall':
      return recallAt(ranked, grades, k, relevantFrom);
    case 'precision':
      return precisionAt(ranked, grades, k, relevantFrom);
    case 'hit-rate':
      return hitRateAt(ranked, grades, k, relevantFrom);
    case 'judged':
      return judgedShareAt(ranked, grades, k);
  }
}

function parseMetric(metric: string): { readonly name: MetricName; readonly k: number } {
  const [text, depth] = metric.split('@');
  const name = METRICS.find((known) => known === text);
  const k = depth === undefined ? Number.POSITIVE_INFINITY : Number(depth);
  if (name === undefined || !(k >= 1) || (depth !== undefined && !Number.isInteger(k))) {
    throw new StudioError('invalid_request', `There is no metric "${metric}".`, {
      hint: `Use one of ${METRICS.join(', ')}, with a depth where wanted, for example ndcg@10.`,
    });
  }
  // Precision divides by its depth, so it has no value without one.
  if (name === 'precision' && depth === undefined)
    throw new StudioError('invalid_request', 'precision needs a depth.', { hint: 'For example precision@10.' });
  return { name, k };
}
