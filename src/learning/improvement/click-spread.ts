import type { MemorySettings } from '../../serving/collections/schema.ts';
import { countedShowings, PRIOR_RATE, PRIOR_WEIGHT, type Showing } from './memory-cells.ts';

/**
 * How far the clicks of a query are from what chance and position bring. Items whose attractions differ by a variance of 1/k
 * around their mean are clicked with the variance e + e²/k, e being their expected clicks (gamma-Poisson shrinkage, DuMouchel
 * 1999), so excess / mass estimates 1/k. Both add up over queries; one query alone says little.
 */
export interface ClickSpread {
  /** Σ over items (clicks − expected)² − the variance of as many clicks by chance. */
  readonly excess: number;
  /** Σ over items expected². */
  readonly mass: number;
}

export const NO_SPREAD: ClickSpread = { excess: 0, mass: 0 };

/**
 * 1/position^.7 lies between what was measured of eyes and the 1/position that boosts are measured against. With the
 * latter, clicks low on the page, which it expects too few of, would pass for differences between items.
 */
const POSITION_POWER = 0.7;
/** No look is a click for certain. */
const MAX_CHANCE = 0.95;

export function spreadOf(showings: readonly Showing[], settings: MemorySettings): ClickSpread {
  const looks: Array<{ itemId: string; chance: number; decay: number; isClick: boolean }> = [];
  const counted = new Set<string>();
  for (const showing of countedShowings(showings)) {
    const decay = 0.5 ** (Math.max(0, showing.ageDays) / settings.halfLifeDays);
    showing.itemIds.forEach((itemId, index) => {
      const cap = `${showing.client}\u0000${itemId}`;
      const isClick = (showing.acted.get(itemId) ?? 0) > 0 && !counted.has(cap);
      if (isClick) counted.add(cap);
      looks.push({ itemId, chance: (showing.firstPosition + index) ** -POSITION_POWER, decay, isClick });
    });
  }
  const sum = (of: (look: (typeof looks)[number]) => number): number =>
    looks.reduce((total, look) => total + of(look), 0);
  const rate =
    (sum(({ isClick, decay }) => (isClick ? decay : 0)) + PRIOR_RATE * PRIOR_WEIGHT) /
    (sum(({ chance, decay }) => chance * decay) + PRIOR_WEIGHT);
  let excess = 0;
  let mass = 0;
  for (const own of Map.groupBy(looks, ({ itemId }) => itemId).values()) {
    let [clicks, expected, variance] = [0, 0, 0];
    for (const { chance, decay, isClick } of own) {
      const click = Math.min(MAX_CHANCE, rate * chance);
      clicks += isClick ? decay : 0;
      expected += decay * rate * chance;
      variance += decay ** 2 * click * (1 - click);
    }
    excess += (clicks - expected) ** 2 - variance;
    mass += expected ** 2;
  }
  return { excess, mass };
}

/** Below this spread clicks are mostly chance: blind shoppers have up to .045, seeing ones .16 to .38. */
const TELLING_SPREAD = 0.06;
/** Clicks are presumed to tell items apart, with so much evidence, until some fifty queries say otherwise. */
const PRESUMED = { spread: 0.15, mass: 200 };
const MAX_GROWTH = 1000;

/**
 * The prior m for a collection whose clicks spread like this: the one that was set where they tell items apart, and larger
 * by the square of what they lack of it where they are closer to chance.
 */
export function priorFor({ excess, mass }: ClickSpread, prior: number): number {
  const spread = (excess + PRESUMED.spread * PRESUMED.mass) / (mass + PRESUMED.mass);
  if (spread >= TELLING_SPREAD) return prior;
  return prior * Math.min(MAX_GROWTH, (TELLING_SPREAD / Math.max(spread, Number.EPSILON)) ** 2);
}
