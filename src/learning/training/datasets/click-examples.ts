import type { Example } from './example.ts';

/** What a click model says of a pair that was shown, and what happened to it. */
export interface JudgedPair {
  readonly query: number;
  readonly itemId: string;
  /** Attraction, freed of position, in [0, 1]. */
  readonly attraction: number;
  readonly clicked: number;
  readonly skippedAbove: number;
}

export interface ExampleCaps {
  /** Right items of one query; the best stay. */
  readonly perQuery: number;
  /** Wrong items of one query. */
  readonly negatives: number;
}

/**
 * Right for a query is what was clicked and attracts more than the query's shown items do on average; it counts by the excess. Wrong is
 * what attracts less and was never clicked: first what was passed over above a click, then what attracts least.
 * (Why a click is asked for: an item that was hardly seen has the attraction of an item of which nothing is known, and where the others
 * were passed over that is above average.)
 */
export function clickExamples(
  queries: ReadonlyArray<{ readonly queryKey: string; readonly query: string }>,
  pairs: Iterable<JudgedPair>,
  caps: ExampleCaps,
): Example[] {
  const examples: Example[] = [];
  const byQuery = Map.groupBy(pairs, ({ query }) => query);
  for (const [number, shown] of [...byQuery].sort(([left], [right]) => left - right)) {
    const query = queries[number];
    if (query === undefined) continue;
    const mean = shown.reduce((sum, { attraction }) => sum + attraction, 0) / shown.length;
    const right = shown
      .filter(({ attraction, clicked }) => clicked > 0 && attraction > mean)
      .sort((left, other) => other.attraction - left.attraction || byId(left, other))
      .slice(0, caps.perQuery);
    const negatives = shown
      .filter(({ attraction, clicked }) => clicked === 0 && attraction < mean)
      .sort(
        (left, other) =>
          other.skippedAbove - left.skippedAbove || left.attraction - other.attraction || byId(left, other),
      )
      .slice(0, caps.negatives)
      .map(({ itemId }) => itemId);
    for (const { itemId, attraction } of right)
      examples.push({ ...query, itemId, weight: attraction - mean, negatives });
  }
  return examples;
}

const byId = (left: JudgedPair, right: JudgedPair): number =>
  left.itemId < right.itemId ? -1 : Number(left.itemId > right.itemId);
