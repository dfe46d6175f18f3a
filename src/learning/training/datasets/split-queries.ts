import { sha256 } from '../../../foundation/core/hash.ts';
import type { Part } from './example.ts';

export interface SplitShares {
  /** Share of the queries that training is watched by, and stopped. */
  readonly validation: number;
  /** Share of the queries that training never sees. */
  readonly heldOut: number;
}

/**
 * The part of a query, by its key and the seed alone: a query that is held out today is held out of tomorrow's training too, however
 * the log has grown.
 */
export function partByKey(queryKey: string, seed: number, { validation, heldOut }: SplitShares): Part {
  const place = Number.parseInt(sha256(`${seed} ${queryKey}`).slice(0, 12), 16) / 2 ** 48;
  if (place < heldOut) return 'held-out';
  return place < heldOut + validation ? 'validation' : 'train';
}

/** Parts by time, and the moment from which on nothing is trained on. */
export interface TimeSplit {
  readonly parts: ReadonlyMap<string, Part>;
  /** Milliseconds since 1970: what was shown then or later is not trained on. */
  readonly trainedBefore: number;
}

/**
 * The queries that were first asked last are held out, those before them watch: as if the training had been then. What the other
 * queries' pages say of the time after that has to be left out too.
 *
 * @param firstAsked milliseconds since 1970, by key.
 */
export function partsByTime(firstAsked: ReadonlyMap<string, number>, { validation, heldOut }: SplitShares): TimeSplit {
  const sorted = [...firstAsked].sort(([left, at], [right, other]) => at - other || (left < right ? -1 : 1));
  const watchedFrom = Math.round(sorted.length * (1 - heldOut - validation));
  const heldFrom = Math.round(sorted.length * (1 - heldOut));
  const parts = sorted.map(
    ([key], index) => [key, index >= heldFrom ? 'held-out' : index >= watchedFrom ? 'validation' : 'train'] as const,
  );
  return { parts: new Map(parts), trainedBefore: sorted[watchedFrom]?.[1] ?? Number.POSITIVE_INFINITY };
}
