import { type ClickSession, lastClick } from './click-session.ts';

/** Current beliefs about one item. */
export interface ItemRates {
  readonly attraction: number;
  readonly satisfaction: number;
}

/** What a page's clicks say about what was not seen, under the current rates. */
export interface PageBelief {
  /** Chance that each item was looked at. */
  readonly looked: readonly number[];
  /** Chance that each item was clicked and satisfied. */
  readonly satisfied: readonly number[];
  /** Expected number of times that somebody unsatisfied could go on, and did. */
  readonly free: number;
  readonly continued: number;
}

/**
 * The expectation step for one page. Up to the last click everything was looked at and nothing but the last click can have satisfied.
 * From there, `silence[i]` is the chance of no click from i on, given that i is looked at: (1 − a_i)(1 − γ + γ · silence[i + 1]).
 */
export function readPage(
  session: ClickSession,
  ratesOf: (itemId: string) => ItemRates,
  continuation: number,
): PageBelief {
  const length = session.itemIds.length;
  const last = lastClick(session);
  const rates = session.itemIds.map(ratesOf);
  const silence = Array.from({ length: length + 1 }, () => 1);
  for (let index = length - 1; index > last; index--)
    silence[index] = (1 - rates[index]!.attraction) * onward(continuation, silence[index + 1]!);
  const looked: number[] = session.itemIds.map((_, index) => (index <= last ? 1 : 0));
  const satisfied: number[] = session.itemIds.map(() => 0);
  // Below the page nobody is observed: the last position tells nothing about going on.
  let free = Math.max(0, last);
  let continued = free;
  let looking = 1;
  if (last >= 0) {
    const { satisfaction } = rates[last]!;
    const after = last + 1 < length ? onward(continuation, silence[last + 1]!) : 1;
    const quiet = satisfaction + (1 - satisfaction) * after;
    satisfied[last] = satisfaction / quiet;
    looking = 1 - satisfied[last]!;
  } else {
    looked[0] = 1;
  }
  for (let index = Math.max(0, last); index + 1 < length; index++) {
    const went = (continuation * silence[index + 1]!) / onward(continuation, silence[index + 1]!);
    free += looking;
    continued += looking * went;
    looking *= went;
    looked[index + 1] = looking;
  }
  return { looked, satisfied, free, continued };
}

/** Chance of silence after an item that did not satisfy: the shopper stops, or goes on to silence. */
const onward = (continuation: number, silenceBelow: number): number => 1 - continuation + continuation * silenceBelow;
