import type { GuardSettings } from '../feedback-settings.ts';

/** Clicks on one item of late. */
export interface ItemClicks {
  readonly itemId: string;
  /** Clients that clicked it. */
  readonly clients: number;
  /** Of these, clients that did nothing else: one search, one clicked item. */
  readonly passing: number;
}

/** Looked at for every item all the time: a false alarm in ten million is rare enough. */
const MAX_CHANCE = 1e-7;
/** The passing share is expected to differ between items this much; a smaller excess is no farm, however sure. */
const MIN_EXCESS = 0.15;

/**
 * Items clicked by many clients that came for nothing else. Every item has some: a farm is a share of them that the
 * other items' share cannot explain (binomial upper tail). Where all clients are anonymous, every client is passing, and
 * nothing can be told from this: then only caps hold.
 */
export function farmedItems(items: readonly ItemClicks[], { minFarmClicks }: GuardSettings): string[] {
  const total = items.reduce((sum, { clients }) => sum + clients, 0);
  const passing = items.reduce((sum, item) => sum + item.passing, 0);
  return items
    .filter((item) => {
      if (item.passing < minFarmClicks) return false;
      // The share among all others, kept off 0 and 1.
      const share = (passing - item.passing + 1) / (total - item.clients + 2);
      const excess = item.passing / item.clients - share;
      return excess >= MIN_EXCESS && upperTail(item.passing, item.clients, share) < MAX_CHANCE;
    })
    .map(({ itemId }) => itemId);
}

/** P(X ≥ successes) of a binomial is at most this: exp(−n · KL(successes / n ‖ chance)) (Chernoff 1952). */
function upperTail(successes: number, trials: number, chance: number): number {
  const rate = successes / trials;
  if (rate <= chance) return 1;
  const failing = rate === 1 ? 0 : (1 - rate) * Math.log((1 - rate) / (1 - chance));
  return Math.exp(-trials * (rate * Math.log(rate / chance) + failing));
}
