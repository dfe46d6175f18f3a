import type { Random } from '../../foundation/core/random.ts';

/**
 * A simulated shopper after the position-based model (Richardson et al. 2007):
 * P(click | position k, attraction a) = θ_k · (ε + (1 − ε) · a). Eyes do not reach every position (θ), and with
 * noise ε a click has nothing to do with the item.
 */
export interface ShopperOptions {
  /** ε in [0, 1]. */
  readonly noise: number;
  /** A blind shopper ignores the items: attraction is this constant for all of them. The control of every experiment. */
  readonly blindAttraction?: number;
}

/** Chance that a shopper looks at positions 1 to 10; below that nobody looks. Measured CTR decay, see docs/guides/demo.md. */
export const EXAMINATION = [0.68, 0.61, 0.48, 0.34, 0.28, 0.2, 0.11, 0.1, 0.08, 0.06] as const;

/** Indexes of the hits that this shopper clicks, given each hit's attraction in [0, 1], best position first. */
export function clicksOf(attractions: readonly number[], random: Random, options: ShopperOptions): number[] {
  const clicked: number[] = [];
  for (let index = 0; index < Math.min(attractions.length, EXAMINATION.length); index++) {
    const attraction = options.blindAttraction ?? (attractions[index] as number);
    const chance = (EXAMINATION[index] as number) * (options.noise + (1 - options.noise) * attraction);
    if (random.next() < chance) clicked.push(index);
  }
  return clicked;
}
