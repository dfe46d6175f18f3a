import type { PriorChoice } from './attraction-posterior.ts';
import { AttractionPriors, type Evidence } from './attraction-priors.ts';
import type { Estimate, FittedClickModel, PairEstimate } from './click-model.ts';
import type { ClickSession } from './click-session.ts';
import type { ScanCounts, ScanTable } from './scan-table.ts';

export interface ScanOptions {
  /** Chance γ to go on after an item that did not satisfy. */
  readonly continuation: number;
  /** Chance that a click satisfies, where it is the same for all items. */
  readonly satisfaction?: number;
  readonly prior: PriorChoice;
}

/** A model in which people look from the top, one item after the other, until satisfied or tired: cascade and both DBNs. */
export class ScanModel implements FittedClickModel {
  readonly name: string;
  readonly continuation: number;
  readonly #table: ScanTable;
  readonly #options: ScanOptions;
  readonly #priors: AttractionPriors;
  readonly #satisfactionPriors: AttractionPriors;
  readonly #estimates = new Map<string, Map<string, Estimate>>();

  constructor(name: string, table: ScanTable, options: ScanOptions) {
    this.name = name;
    this.continuation = options.continuation;
    this.#table = table;
    this.#options = options;
    const counts = [...table.entries()];
    this.#priors = new AttractionPriors(
      counts.map((entry) => looksOf(entry.counts)),
      options.prior,
    );
    this.#satisfactionPriors = new AttractionPriors(
      counts.filter((entry) => entry.counts.clicked > 0).map((entry) => clicksOf(entry.counts)),
      options.prior,
    );
    for (const { queryKey, itemId, counts: found } of counts) {
      const items = this.#estimates.get(queryKey) ?? new Map<string, Estimate>();
      this.#estimates.set(queryKey, items.set(itemId, this.#priors.estimate(looksOf(found))));
    }
  }

  /** Share of the log's showings at this position that were looked at; below what was shown, as at γ per step. */
  examination(position: number): number {
    let deepest = position;
    while (deepest > 1 && this.#table.lookedShare(deepest) === undefined) deepest--;
    return (this.#table.lookedShare(deepest) ?? 1) * this.continuation ** (position - deepest);
  }

  attraction(queryKey: string, itemId: string): Estimate {
    return this.#estimates.get(queryKey)?.get(itemId) ?? this.#priors.estimate(NOTHING);
  }

  /** Chance that a click on the item ends the search; attraction · satisfaction is the relevance of Chapelle and Zhang. */
  satisfaction(queryKey: string, itemId: string): Estimate {
    const { satisfaction } = this.#options;
    if (satisfaction !== undefined) return { mean: satisfaction, deviation: 0, support: 0 };
    return this.#satisfactionPriors.estimate(clicksOf(this.#table.counts(queryKey, itemId)));
  }

  *pairs(): Iterable<PairEstimate> {
    for (const [queryKey, items] of this.#estimates)
      for (const [itemId, estimate] of items) yield { queryKey, itemId, ...estimate };
  }

  clickChances(session: ClickSession): number[] {
    let looking = 1;
    return session.itemIds.map((itemId, index) => {
      const attraction = this.attraction(session.queryKey, itemId).mean;
      const chance = looking * attraction;
      // What the click, or its absence, says about whether the shopper is still looking here; then the step on.
      const still =
        session.clicks[index] === true
          ? 1 - this.satisfaction(session.queryKey, itemId).mean
          : (looking * (1 - attraction)) / Math.max(1e-12, 1 - chance);
      looking = still * this.continuation;
      return chance;
    });
  }
}

const NOTHING: Evidence = { cells: [], exposure: 0 };
const looksOf = ({ shown, looked, clicked }: ScanCounts & { readonly shown: number }): Evidence => ({
  cells: [{ examination: 1, shown: looked, clicked }],
  exposure: shown,
});
// How often an item was clicked says something about it, not about its exposure: one prior for all.
const clicksOf = ({ clicked, satisfied }: ScanCounts): Evidence => ({
  cells: clicked === 0 ? [] : [{ examination: 1, shown: clicked, clicked: satisfied }],
  exposure: 0,
});
