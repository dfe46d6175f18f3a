import { type BootstrapOptions, bootstrap, type Interval } from '../bootstrap.ts';
import { holm } from './holm.ts';
import { pairedPermutationTest } from './permutation-test.ts';

/** One query of a comparison. */
export interface ComparedQuery {
  /** The candidate's value less the served release's. */
  readonly difference: number;
  /** How often the query was asked, for head and tail. */
  readonly searches: number;
  /** Whatever the query belongs to: a category, a language, `new items`. */
  readonly labels: readonly string[];
}

export interface Slice {
  readonly name: string;
  readonly queries: number;
  readonly interval: Interval;
  /** Two-sided, adjusted for the number of slices (Holm). */
  readonly pValue: number;
  /** The slice is worse, beyond chance at `level`: a gain on average must not hide it. */
  readonly harmed: boolean;
}

export interface SliceOptions extends BootstrapOptions {
  /** Slices of fewer queries are left out: nothing could be said about them. */
  readonly minimumQueries?: number;
  /** Random sign patterns of each test. */
  readonly permutations?: number;
  /** Share of all searches that the head holds. */
  readonly headShare?: number;
}

/**
 * The comparison by part: `head` (the most asked queries that together make up half of the searches), `tail` (the
 * rest), and every label. Slices overlap; each is a paired comparison of its own.
 */
export function slicesOf(queries: readonly ComparedQuery[], options: SliceOptions = {}): Slice[] {
  const { minimumQueries = 20, headShare = 0.5, level = 0.95, seed = 1, permutations = 20_000 } = options;
  const groups = new Map<string, number[]>();
  const head = headOf(queries, headShare);
  queries.forEach(({ difference, labels }, index) => {
    for (const name of [head.has(index) ? 'head' : 'tail', ...labels])
      groups.set(name, [...(groups.get(name) ?? []), difference]);
  });
  const kept = [...groups].filter(([, differences]) => differences.length >= minimumQueries);
  const adjusted = holm(
    kept.map(([, differences]) => pairedPermutationTest(differences, { seed, permutations }).pValue),
  );
  return kept.map(([name, differences], index) => {
    const interval = bootstrap(differences, options);
    const pValue = adjusted[index] as number;
    return { name, queries: differences.length, interval, pValue, harmed: interval.mean < 0 && pValue < 1 - level };
  });
}

function headOf(queries: readonly ComparedQuery[], share: number): ReadonlySet<number> {
  const order = queries
    .map((_, index) => index)
    .sort((left, right) => queries[right]!.searches - queries[left]!.searches);
  const goal = share * queries.reduce((sum, { searches }) => sum + searches, 0);
  const head = new Set<number>();
  let counted = 0;
  for (const index of order) {
    if (counted >= goal) break;
    head.add(index);
    counted += queries[index]!.searches;
  }
  return head;
}
