/** One line of training data: an item that is right for a query. */
export interface PairRecord {
  readonly query: string;
  readonly item: string;
  /** How much it counts, 1 by default. */
  readonly weight?: number;
  /** Items that are known to be wrong for the query. */
  readonly negatives?: readonly string[];
}

export interface Pair {
  readonly query: number;
  readonly item: number;
  readonly weight: number;
  readonly negatives: readonly number[];
}

/** Pairs over numbered inputs, each kept once. */
export interface PairSet {
  readonly queries: readonly string[];
  readonly items: readonly string[];
  readonly pairs: readonly Pair[];
  /** By query, the items that are right for it, and how much each counts. */
  readonly right: ReadonlyArray<ReadonlyMap<number, number>>;
}

/** @param catalogue further items, which serve as negatives. */
export function pairSetOf(records: Iterable<PairRecord>, catalogue: Iterable<string> = []): PairSet {
  const queries = new Numbering();
  const items = new Numbering();
  const right: Array<Map<number, number>> = [];
  const pairs: Pair[] = [];
  for (const { query, item, weight = 1, negatives = [] } of records) {
    const asked = queries.of(query);
    const found = items.of(item);
    if (weight <= 0) continue;
    right[asked] = (right[asked] ?? new Map()).set(found, weight);
    pairs.push({ query: asked, item: found, weight, negatives: negatives.map((text) => items.of(text)) });
  }
  for (const item of catalogue) items.of(item);
  return {
    queries: queries.all,
    items: items.all,
    pairs,
    right: queries.all.map((_, query) => right[query] ?? new Map()),
  };
}

class Numbering {
  readonly all: string[] = [];
  readonly #numbers = new Map<string, number>();

  of(text: string): number {
    const known = this.#numbers.get(text);
    if (known !== undefined) return known;
    this.#numbers.set(text, this.all.length);
    return this.all.push(text) - 1;
  }
}
