import { sha256 } from '../../foundation/core/hash.ts';
import { createRandom, type Random } from '../../foundation/core/random.ts';
import type { ExplorationSettings } from '../collections/schema.ts';
import type { PreparedSearch } from './prepare-search.ts';
import { type SwapChain, swapChain, swapsFor } from './swap-chain.ts';

/** An item in a slot of a page. */
export interface Placed<Item> {
  readonly item: Item;
  /** Its rank in the ranking, 1 for the best. */
  readonly rank: number;
  /** Chance that it stood where it stands; exact. */
  readonly propensity: number;
}

/** Only what is kept can be learned from, and only the first page of a ranking is explored. */
export const isExplored = (
  { share }: ExplorationSettings,
  { searchId, skipped, continued, sort }: PreparedSearch,
): boolean => share > 0 && searchId !== null && skipped === 0 && continued === null && sort.length === 0;

/** Draws that belong to one search: the same id shows the same page again. */
export const randomOf = (searchId: string): Random => createRandom(Number.parseInt(sha256(searchId).slice(0, 8), 16));

/**
 * The page that is shown in the place of the ranking's first `limit` items: a random number of times, a random slot of
 * the page swaps its item with a random one of the first `depth` ranks. That makes an item's place a Markov chain, so
 * the chance that it stands where it stands is known exactly, which counterfactual estimates and click models need.
 * Slots of a longer page below `depth` stay as they are.
 *
 * @example explore(['a', 'b', 'c'], 2, { share: 0.2, depth: 20 }, randomOf(searchId))[0].item
 */
export function explore<Item>(
  ranking: readonly Item[],
  limit: number,
  settings: ExplorationSettings,
  random: Random,
): Array<Placed<Item>> {
  const depth = Math.min(settings.depth, ranking.length);
  const slots = Math.min(limit, depth);
  const chain = swapChain(slots, depth, swapsFor(slots, depth, settings.share));
  const ranks = Array.from({ length: Math.max(depth, Math.min(limit, ranking.length)) }, (_, rank) => rank);
  const swaps = Math.floor(chain.swaps) + (random.next() < chain.swaps % 1 ? 1 : 0);
  for (let swap = 0; swap < swaps; swap++) {
    const [slot, other] = [random.integer(slots), random.integer(depth)];
    const kept = ranks[slot] as number;
    ranks[slot] = ranks[other] as number;
    ranks[other] = kept;
  }
  return ranks.slice(0, limit).map((rank, slot) => ({
    item: ranking[rank] as Item,
    rank: rank + 1,
    propensity: propensityOf(chain, rank, slot),
  }));
}

/** Chance that the item of this rank stands in this slot of the page, both from 0 on. */
export function propensityOf({ slots, depth, stays, comes, rises }: SwapChain, rank: number, slot: number): number {
  if (slot >= slots || rank >= depth) return rank === slot ? 1 : 0;
  return rank === slot ? stays : rank < slots ? comes : rises;
}
