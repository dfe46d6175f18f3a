import type { ClickSession } from './click-session.ts';
import type { ItemRates } from './dynamic-bayesian-page.ts';

/** Expected counts of one item on one page, or of one pair over a log. */
export interface ScanCounts {
  readonly looked: number;
  readonly clicked: number;
  readonly satisfied: number;
}

/** Of a pair: the counts, and how often it was shown. */
interface PairCounts extends ScanCounts {
  readonly shown: number;
}

const NONE: PairCounts = { shown: 0, looked: 0, clicked: 0, satisfied: 0 };
/** Of the rates while fitting: a weak pull to common values, so that a pair seen once is not thought certain. */
const PULL = { attraction: 0.2, satisfaction: 0.5, strength: 1 } as const;

/** Who looked at what, by (query, item) pair and by position, weighted. */
export class ScanTable {
  readonly #pairs = new Map<string, Map<string, PairCounts>>();
  readonly #positions = new Map<number, { looked: number; shown: number }>();

  /** Adds the counts of the item at `index` of a page, times the page's weight. */
  add({ queryKey, itemIds, firstPosition, weight }: ClickSession, index: number, counts: ScanCounts): void {
    const items = this.#pairs.get(queryKey) ?? new Map<string, PairCounts>();
    this.#pairs.set(queryKey, items);
    const itemId = itemIds[index] as string;
    const sum = items.get(itemId) ?? NONE;
    items.set(itemId, {
      shown: sum.shown + weight,
      looked: sum.looked + weight * counts.looked,
      clicked: sum.clicked + weight * counts.clicked,
      satisfied: sum.satisfied + weight * counts.satisfied,
    });
    const position = this.#positions.get(firstPosition + index) ?? { looked: 0, shown: 0 };
    position.looked += weight * counts.looked;
    position.shown += weight;
    this.#positions.set(firstPosition + index, position);
  }

  counts(queryKey: string, itemId: string): PairCounts {
    return this.#pairs.get(queryKey)?.get(itemId) ?? NONE;
  }

  rates(queryKey: string, itemId: string): ItemRates {
    const { looked, clicked, satisfied } = this.counts(queryKey, itemId);
    return {
      attraction: (clicked + PULL.attraction * PULL.strength) / (looked + PULL.strength),
      satisfaction: (satisfied + PULL.satisfaction * PULL.strength) / (clicked + PULL.strength),
    };
  }

  /** Share of the showings at a position that were looked at; undefined where nothing was shown. */
  lookedShare(position: number): number | undefined {
    const sums = this.#positions.get(position);
    return sums === undefined ? undefined : sums.looked / sums.shown;
  }

  *entries(): Iterable<{ readonly queryKey: string; readonly itemId: string; readonly counts: PairCounts }> {
    for (const [queryKey, items] of this.#pairs)
      for (const [itemId, counts] of items) yield { queryKey, itemId, counts };
  }
}
