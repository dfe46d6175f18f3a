import type { SimulatedEvent } from '../../../learning/evaluation/simulator/visit.ts';

/** What one kind of visitor did. */
export interface VisitCounts {
  readonly searches: number;
  readonly clicks: number;
  /** Share of the searches that were clicked at all. */
  readonly clickRate: number;
  readonly carts: number;
  readonly purchases: number;
}

export interface SimulationReport {
  readonly total: VisitCounts;
  /** By persona, `robot` or `poisoner`. */
  readonly kinds: Readonly<Record<string, VisitCounts>>;
  /** Events that the server took. */
  readonly events: number;
  /** Events that the server refused, and why the first of them was. */
  readonly refused: number;
  readonly refusal: string | null;
}

type Counts = Record<'searches' | 'clicked' | 'clicks' | 'carts' | 'purchases', number>;

/** Counts visits by the kind of visitor. */
export class SimulationTally {
  readonly #kinds = new Map<string, Counts>();
  #accepted = 0;
  #refused = 0;
  #refusal: string | null = null;

  visited(kind: string, events: readonly SimulatedEvent[]): void {
    const counts = this.#kinds.get(kind) ?? { searches: 0, clicked: 0, clicks: 0, carts: 0, purchases: 0 };
    this.#kinds.set(kind, counts);
    const ofType = (type: string): number => events.filter((event) => event.type === type).length;
    counts.searches += 1;
    counts.clicks += ofType('click');
    counts.clicked += ofType('click') > 0 ? 1 : 0;
    counts.carts += ofType('add-to-cart');
    counts.purchases += ofType('purchase');
  }

  sent(accepted: number, rejected: ReadonlyArray<{ readonly message: string }>): void {
    this.#accepted += accepted;
    this.#refused += rejected.length;
    this.#refusal ??= rejected[0]?.message ?? null;
  }

  report(): SimulationReport {
    const all = [...this.#kinds.values()];
    const sum = (key: keyof Counts): number => all.reduce((total, counts) => total + counts[key], 0);
    return {
      total: presented({
        searches: sum('searches'),
        clicked: sum('clicked'),
        clicks: sum('clicks'),
        carts: sum('carts'),
        purchases: sum('purchases'),
      }),
      kinds: Object.fromEntries([...this.#kinds].sort().map(([kind, counts]) => [kind, presented(counts)])),
      events: this.#accepted,
      refused: this.#refused,
      refusal: this.#refusal,
    };
  }
}

const presented = ({ searches, clicked, clicks, carts, purchases }: Counts): VisitCounts => ({
  searches,
  clicks,
  clickRate: searches === 0 ? 0 : Math.round((1e4 * clicked) / searches) / 1e4,
  carts,
  purchases,
});
