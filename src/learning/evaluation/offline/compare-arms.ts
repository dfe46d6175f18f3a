import { bootstrap } from '../bootstrap.ts';
import { mean } from '../metrics.ts';
import { holm } from '../statistics/holm.ts';
import { pairedPermutationTest } from '../statistics/permutation-test.ts';
import { slicesOf } from '../statistics/slices.ts';
import type { ArmFigures, Bin, Difference, MovedQuery, Movement } from './evaluation-result.ts';

export interface Comparison {
  readonly queries: ReadonlyArray<{ readonly query: string; readonly searches: number }>;
  /** The first metric is the one that queries and slices are compared by. */
  readonly metrics: readonly string[];
  /** Per arm, the baseline first: metric → value of each query; `judged@10` among them. */
  readonly values: ReadonlyArray<Readonly<Record<string, ArrayLike<number>>>>;
  readonly seed: number;
}

const SHOWN_QUERIES = 10;
const BINS = 20;
/** Rounding of sums is no difference. */
const SAME = 1e-9;
/** With more queries fewer draws say enough, and take as long. */
const MANY_QUERIES = 5000;
const drawsOf = (queries: number) => ({
  permutations: queries > MANY_QUERIES ? 4000 : 20_000,
  resamples: queries > MANY_QUERIES ? 1000 : 2000,
});

/**
 * Means with intervals, paired differences to the first arm with intervals and tests, and who gained and lost.
 * Pure; takes seconds for thousands of queries.
 */
export function compareArms({ queries, metrics, values, seed }: Comparison): ArmFigures[] {
  const columns = values.map((arm) => new Map(Object.entries(arm).map(([name, column]) => [name, Array.from(column)])));
  const columnOf = (arm: number, metric: string): number[] => columns[arm]?.get(metric) ?? [];
  const differenceOf = (arm: number, metric: string): number[] => {
    const baseline = columnOf(0, metric);
    return columnOf(arm, metric).map((value, at) => value - (baseline[at] ?? 0));
  };
  const draws = { seed, ...drawsOf(queries.length) };
  const differences = new Map<string, Difference[]>();
  for (const metric of metrics) {
    const compared = values.slice(1).map((_, arm) => differenceOf(arm + 1, metric));
    const tests = compared.map((column) => pairedPermutationTest(column, draws).pValue);
    const adjusted = holm(tests);
    const found = compared.map((column, at) => ({
      ...bootstrap(column, draws),
      pValue: tests[at] ?? 1,
      adjusted: adjusted[at] ?? 1,
    }));
    differences.set(metric, found);
  }
  const [primary = ''] = metrics;
  return values.map((_, arm) => ({
    metrics: Object.fromEntries(
      metrics.map((metric) => [
        metric,
        {
          ...bootstrap(columnOf(arm, metric), draws),
          difference: arm === 0 ? null : (differences.get(metric)?.[arm - 1] ?? null),
        },
      ]),
    ),
    judged: mean(columnOf(arm, 'judged@10')),
    movement:
      arm === 0
        ? null
        : movementOf(queries, columnOf(0, primary), columnOf(arm, primary), differenceOf(arm, primary), seed),
  }));
}

function movementOf(
  queries: Comparison['queries'],
  before: readonly number[],
  after: readonly number[],
  differences: readonly number[],
  seed: number,
): Movement {
  const moved = (at: number): MovedQuery => ({
    query: queries[at]?.query ?? '',
    baseline: before[at] ?? 0,
    value: after[at] ?? 0,
  });
  const order = differences
    .map((_, at) => at)
    .sort((left, right) => (differences[left] as number) - (differences[right] as number));
  const worse = order.filter((at) => (differences[at] as number) < -SAME);
  const better = order.filter((at) => (differences[at] as number) > SAME).reverse();
  const isAskedKnown = queries.some(({ searches }) => searches > 0);
  const slices = slicesOf(
    queries.map(({ query, searches }, at) => ({
      difference: differences[at] as number,
      searches,
      labels: [lengthLabel(query)],
    })),
    { seed, ...drawsOf(queries.length) },
  );
  return {
    better: better.length,
    same: differences.length - better.length - worse.length,
    worse: worse.length,
    histogram: histogramOf(differences),
    // Without a log every query would be in the tail.
    slices: slices.filter(({ name }) => isAskedKnown || (name !== 'head' && name !== 'tail')),
    mostBetter: better.slice(0, SHOWN_QUERIES).map(moved),
    mostWorse: worse.slice(0, SHOWN_QUERIES).map(moved),
  };
}

export function lengthLabel(query: string): string {
  const words = query.trim().split(/\s+/u).length;
  if (words === 1) return '1 word';
  if (words === 2) return '2 words';
  return words <= 4 ? '3 or 4 words' : '5 words and more';
}

/** Bins of equal width, as many below 0 as above; queries that did not move have the middle to themselves. */
function histogramOf(differences: readonly number[]): Bin[] {
  const moved = differences.filter((difference) => Math.abs(difference) > SAME);
  const limit = moved.reduce((most, difference) => Math.max(most, Math.abs(difference)), SAME);
  const half = BINS / 2;
  const width = limit / half;
  const counts = new Array<number>(BINS).fill(0);
  for (const difference of moved) {
    const step = Math.min(half - 1, Math.floor(Math.abs(difference) / width));
    const bin = difference > 0 ? half + step : half - 1 - step;
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  return counts.map((queries, bin) => ({ from: (bin - half) * width, to: (bin + 1 - half) * width, queries }));
}
