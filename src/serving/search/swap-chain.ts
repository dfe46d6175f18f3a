/** Where an item of a page stands after some swaps. By symmetry three chances say all about the whole matrix. */
export interface SwapChain {
  /** Slots of the page. */
  readonly slots: number;
  /** Ranks that take part, those of the page first. */
  readonly depth: number;
  /** How many swaps; a fraction is the chance of one more. */
  readonly swaps: number;
  /** Chance that a slot of the page holds its own item. */
  readonly stays: number;
  /** Chance that it holds the item of one other slot of the page. */
  readonly comes: number;
  /** Chance that it holds one item from below the page. */
  readonly rises: number;
}

/**
 * The chances after `swaps` swaps of a random slot of the page with a random rank of the first `depth`. An item of the page is in one of three states (its own slot, another one, below the page), and
 * no state within a group is different from the next, so the power of the depth × depth matrix is that of a 3 × 3 one.
 */
export function swapChain(slots: number, depth: number, swaps: number): SwapChain {
  const ways = slots * depth;
  const [others, below] = [slots - 1, depth - slots];
  let state = { own: 1, other: 0, low: 0 };
  const step = ({ own, other, low }: typeof state): typeof state => ({
    // Two ways lead from slot to slot (either may be drawn as the slot), one from the page to below it.
    own: own * (1 - (2 * others + below) / ways) + (other * 2) / ways + low / ways,
    other: (own * 2 * others) / ways + other * (1 - (2 + below) / ways) + (low * others) / ways,
    low: ((own + other) * below) / ways + low * (1 - slots / ways),
  });
  for (let swap = 0; swap < Math.floor(swaps); swap++) state = step(state);
  const [next, more] = [step(state), swaps % 1];
  const mixed = (group: keyof typeof state): number => (1 - more) * state[group] + more * next[group];
  return {
    slots,
    depth,
    swaps,
    stays: mixed('own'),
    comes: others === 0 ? 0 : mixed('other') / others,
    // The matrix is symmetric: coming up into a slot is as likely as going down from it.
    rises: below === 0 ? 0 : mixed('low') / below,
  };
}

/** Expected share of the page's slots whose item has moved. */
export const expectedMoves = (slots: number, depth: number, swaps: number): number =>
  1 - swapChain(slots, depth, swaps).stays;

/** How many swaps move this share of the page's slots on average; 0 where there is nothing to swap with. */
export function swapsFor(slots: number, depth: number, share: number): number {
  if (share <= 0 || slots < 1 || depth < 2) return 0;
  // Swaps mix without end towards 1 − 1/depth, which is at least the half that may be asked for.
  const reachable = Math.min(share, 1 - 1 / depth - 1e-9);
  let [swaps, moved] = [0, 0];
  for (;;) {
    const next = expectedMoves(slots, depth, swaps + 1);
    if (next >= reachable) return swaps + (reachable - moved) / (next - moved);
    if (next <= moved) return swaps;
    swaps += 1;
    moved = next;
  }
}
