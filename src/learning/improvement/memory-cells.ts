import type { MemorySettings } from '../../serving/collections/schema.ts';

/** One recorded showing of a query: the hits in order and which of them were clicked, by whom. */
export interface Showing {
  readonly searchId: string;
  readonly itemIds: readonly string[];
  readonly firstPosition: number;
  /** Age of the showing in days. */
  readonly ageDays: number;
  /** Whoever searched; clicks of one client on one item count once. */
  readonly client: string;
  /** What was done with a hit, as the weight of its strongest event: above 0 for the item, below 0 against it. */
  readonly acted: ReadonlyMap<string, number>;
}

/** What one query remembers of one item, decayed. */
export interface MemoryCell {
  readonly clicks: number;
  /** Clicks that an average item would have had in the same positions. */
  readonly expected: number;
}

export type MemoryCells = Readonly<Record<string, MemoryCell>>;

/**
 * Prior click rate per unit of 1/position, and the weight of that prior in units of 1/position.
 * A query with few showings leans on it, one with many is measured against its own average.
 */
export const PRIOR_RATE = 0.3;
export const PRIOR_WEIGHT = 3;

/** One client's showings of one query beyond these say nothing new, neither by clicks nor by their absence. */
const MAX_SHOWINGS_OF_A_CLIENT = 5;
/** No event says more than so many clicks. */
const MAX_WEIGHT = 3;

/** A query remembers at most this many items; the ones with most evidence stay. */
const MAX_CELLS = 200;

/**
 * Cells of one query from its showings: clicks over expected clicks (COEC, Zhang and Jones 2007) with 1/position as
 * propensity, which measured as good as the true one. A purchase counts as several clicks, a dislike as looks that were
 * passed over. The result depends on the set of showings alone, not on
 * the order in which events came.
 */
export function cellsOf(showings: readonly Showing[], settings: MemorySettings): MemoryCells {
  const clicks = new Map<string, number>();
  const weights = new Map<string, number>();
  const counted = new Set<string>();
  let allClicks = 0;
  let allWeight = 0;
  for (const showing of countedShowings(showings)) {
    const decay = 0.5 ** (Math.max(0, showing.ageDays) / settings.halfLifeDays);
    showing.itemIds.forEach((itemId, index) => {
      const says = Math.max(-MAX_WEIGHT, Math.min(MAX_WEIGHT, showing.acted.get(itemId) ?? 0));
      const weight = decay / (showing.firstPosition + index);
      allWeight += weight;
      const cap = `${showing.client}\u0000${itemId}`;
      const isNew = says !== 0 && !counted.has(cap);
      weights.set(itemId, (weights.get(itemId) ?? 0) + weight + (isNew ? Math.max(0, -says) * decay : 0));
      if (!isNew) return;
      counted.add(cap);
      clicks.set(itemId, (clicks.get(itemId) ?? 0) + Math.max(0, says) * decay);
      allClicks += Math.max(0, says) * decay;
    });
  }
  const rate = (allClicks + PRIOR_RATE * PRIOR_WEIGHT) / (allWeight + PRIOR_WEIGHT);
  const cells = [...weights].map(
    ([itemId, weight]) => [itemId, { clicks: clicks.get(itemId) ?? 0, expected: rate * weight }] as const,
  );
  cells.sort((left, right) => right[1].clicks + right[1].expected - (left[1].clicks + left[1].expected));
  return Object.fromEntries(cells.slice(0, MAX_CELLS));
}

/** The newest few showings of each client, newest first. */
export function countedShowings(showings: readonly Showing[]): Showing[] {
  const seen = new Map<string, number>();
  return [...showings].sort(newestFirst).filter(({ client }) => {
    const number = (seen.get(client) ?? 0) + 1;
    seen.set(client, number);
    return number <= MAX_SHOWINGS_OF_A_CLIENT;
  });
}

const newestFirst = (left: Showing, right: Showing): number =>
  left.ageDays - right.ageDays || (left.searchId < right.searchId ? -1 : 1);

/** β · ln[(clicks + m) / (expected + m)]: 0 without evidence, bounded growth with it, negative for what is passed over. */
export function boostOf(cell: MemoryCell, { strength, prior }: Pick<MemorySettings, 'strength' | 'prior'>): number {
  return strength * Math.log((cell.clicks + prior) / (cell.expected + prior));
}
