import type { PriorChoice } from './attraction-posterior.ts';
import { AttractionPriors, type Evidence } from './attraction-priors.ts';
import type { Estimate, FittedClickModel, PairEstimate } from './click-model.ts';
import type { ClickSession } from './click-session.ts';
import { allPairs, type Pair, type PairTable } from './pair-table.ts';

/**
 * A model in which a click is a look, whose chance depends on the position alone, at something attractive: naive, COEC and PBM, which
 * differ in how they come to the chances of a look.
 */
export class ExaminationModel implements FittedClickModel {
  readonly name: string;
  readonly #examinations: ReadonlyMap<number, number>;
  readonly #deepest: number;
  readonly #priors: AttractionPriors;
  readonly #estimates = new Map<string, Map<string, Estimate>>();

  constructor(name: string, table: PairTable, examinations: ReadonlyMap<number, number>, prior: PriorChoice) {
    this.name = name;
    this.#examinations = examinations;
    this.#deepest = Math.max(1, ...examinations.keys());
    this.#priors = new AttractionPriors(
      allPairs(table).map((pair) => this.#evidenceOf(pair)),
      prior,
    );
    for (const [queryKey, items] of table) {
      const estimates = [...items].map(
        ([itemId, pair]) => [itemId, this.#priors.estimate(this.#evidenceOf(pair))] as const,
      );
      this.#estimates.set(queryKey, new Map(estimates));
    }
  }

  /** A position that was never shown is looked at like the deepest one that was, in proportion to 1/position. */
  examination(position: number): number {
    const known = this.#examinations.get(position);
    if (known !== undefined) return known;
    return Math.min(1, ((this.#examinations.get(this.#deepest) ?? 1) * this.#deepest) / position);
  }

  attraction(queryKey: string, itemId: string): Estimate {
    return this.#estimates.get(queryKey)?.get(itemId) ?? this.#priors.estimate({ cells: [], exposure: 0 });
  }

  *pairs(): Iterable<PairEstimate> {
    for (const [queryKey, items] of this.#estimates)
      for (const [itemId, estimate] of items) yield { queryKey, itemId, ...estimate };
  }

  clickChances(session: ClickSession): number[] {
    return session.itemIds.map(
      (itemId, index) =>
        this.examination(session.firstPosition + index) * this.attraction(session.queryKey, itemId).mean,
    );
  }

  #evidenceOf(pair: Pair): Evidence {
    const cells = pair.cells.map((cell) => ({ ...cell, examination: this.examination(cell.position) }));
    return { cells, exposure: cells.reduce((sum, { examination, shown }) => sum + examination * shown, 0) };
  }
}
