import type { Random } from '../../../foundation/core/random.ts';
import type { ShownItem, SimulatedEvent } from './visit.ts';

/** A robot: opens every hit from the top, faster than anybody reads, in even steps, and stays nowhere. */
export function robotVisit(shown: readonly ShownItem[], stepMilliseconds = 40): SimulatedEvent[] {
  return shown.flatMap(({ id }, index) => {
    const seen = { itemId: id, position: index + 1, afterMilliseconds: (index + 1) * stepMilliseconds };
    return [
      { ...seen, type: 'impression' as const },
      { ...seen, type: 'click' as const },
    ];
  });
}

/**
 * A poisoner: acts like a shopper in every way that a single page shows, but clicks the items that are to be pushed, wherever they stand,
 * and nothing else. Only many visits together give them away.
 */
export function poisonerVisit(
  shown: readonly ShownItem[],
  pushed: ReadonlySet<string>,
  random: Random,
): SimulatedEvent[] {
  const events: SimulatedEvent[] = [];
  let clock = 0;
  const last = shown.findLastIndex(({ id }) => pushed.has(id));
  shown.slice(0, last + 1).forEach(({ id }, index) => {
    clock += 500 + 900 * random.next();
    const event = { itemId: id, position: index + 1, afterMilliseconds: Math.round(clock) };
    events.push({ ...event, type: 'impression' });
    if (!pushed.has(id)) return;
    const dwellSeconds = Math.round(100 + 400 * random.next()) / 10;
    events.push({ ...event, type: 'click' });
    clock += dwellSeconds * 1000;
    events.push({ ...event, type: 'dwell', afterMilliseconds: Math.round(clock), value: dwellSeconds });
  });
  return events;
}
