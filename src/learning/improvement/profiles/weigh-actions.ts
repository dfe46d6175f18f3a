import type { EventTypeSettings } from '../../feedback/feedback-settings.ts';

/** Something that a user did with an item. */
export interface Action {
  readonly eventId: string;
  readonly itemId: string;
  readonly type: string;
  readonly at: Date;
}

export interface Weighing {
  readonly eventTypes: Readonly<Record<string, EventTypeSettings>>;
  readonly halfLifeDays: number;
  readonly now: Date;
}

const DAY = 86_400_000;
/** No item counts for more than a purchase and a like, however often it was acted on, nor against by more. */
export const MAX_ITEM_WEIGHT = 5;
/** All actions of one day together count at most so much: a day of a hundred clicks is one errand. */
export const MAX_DAY_WEIGHT = 30;

/**
 * What a user's actions say about each item, decayed: above 0 for it, below 0 against it. Of one day's actions with an
 * item the strongest counts, what speaks for it before what speaks against it. The result depends on the set of
 * actions alone, to the last bit: not on the order in which they came, nor on repetitions.
 *
 * @example weighActions([{ eventId: 'e', itemId: 'a', type: 'click', at: now }], { eventTypes, halfLifeDays: 90, now }) // a → 1
 */
export function weighActions(actions: readonly Action[], weighing: Weighing): Map<string, number> {
  const { eventTypes, halfLifeDays, now } = weighing;
  const byDay = new Map<number, Map<string, number>>();
  for (const { itemId, type, at } of actions) {
    const weight = (Object.hasOwn(eventTypes, type) ? eventTypes[type]?.weight : undefined) ?? 0;
    if (weight === 0) continue;
    const day = Math.floor(at.getTime() / DAY);
    const items = byDay.get(day) ?? new Map<string, number>();
    byDay.set(day, items.set(itemId, stronger(items.get(itemId) ?? 0, weight)));
  }
  const weights = new Map<string, number>();
  // In one order, because sums of floating point numbers depend on it.
  for (const [day, items] of [...byDay].sort(([left], [right]) => right - left)) {
    const decay = 0.5 ** (Math.max(0, now.getTime() / DAY - (day + 1)) / halfLifeDays);
    const sorted = [...items].sort(([left], [right]) => (left < right ? -1 : 1));
    const all = sorted.reduce((sum, [, weight]) => sum + Math.abs(weight), 0);
    const share = Math.min(1, MAX_DAY_WEIGHT / all);
    for (const [itemId, weight] of sorted) weights.set(itemId, (weights.get(itemId) ?? 0) + weight * share * decay);
  }
  for (const [itemId, weight] of weights)
    weights.set(itemId, Math.max(-MAX_ITEM_WEIGHT, Math.min(MAX_ITEM_WEIGHT, weight)));
  return weights;
}

function stronger(left: number, right: number): number {
  if (left > 0 || right > 0) return Math.max(left, right);
  return Math.min(left, right);
}
