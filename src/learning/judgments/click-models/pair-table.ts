import type { ClickSession } from './click-session.ts';

/** Weighted showings and clicks of one (query, item) pair at one position. */
export interface PositionCell {
  readonly position: number;
  shown: number;
  clicked: number;
}

/** One (query, item) pair of a log. */
export interface Pair {
  readonly queryKey: string;
  readonly itemId: string;
  readonly cells: PositionCell[];
}

/** Query → item → pair. */
export type PairTable = Map<string, Map<string, Pair>>;

/** Counts a log by pair and position; the order of sessions does not matter. */
export function tabulate(sessions: readonly ClickSession[]): PairTable {
  const pairs: PairTable = new Map();
  for (const session of sessions) {
    session.itemIds.forEach((itemId, index) => {
      const cell = cellOf(pairOf(pairs, session.queryKey, itemId), session.firstPosition + index);
      cell.shown += session.weight;
      if (session.clicks[index] === true) cell.clicked += session.weight;
    });
  }
  return pairs;
}

export const allPairs = (table: PairTable): Pair[] => [...table.values()].flatMap((items) => [...items.values()]);

function pairOf(table: PairTable, queryKey: string, itemId: string): Pair {
  const items = table.get(queryKey) ?? new Map<string, Pair>();
  table.set(queryKey, items);
  const pair = items.get(itemId) ?? { queryKey, itemId, cells: [] };
  items.set(itemId, pair);
  return pair;
}

function cellOf(pair: Pair, position: number): PositionCell {
  const found = pair.cells.find((cell) => cell.position === position);
  if (found !== undefined) return found;
  const cell = { position, shown: 0, clicked: 0 };
  pair.cells.push(cell);
  return cell;
}
