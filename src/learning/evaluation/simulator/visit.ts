import type { Random } from '../../../foundation/core/random.ts';
import { look } from './behaviour.ts';
import type { Persona } from './personas.ts';

/** One hit as a shopper meets it. */
export interface ShownItem {
  readonly id: string;
  /** How attractive it is to an average shopper, in [0, 1]; see attraction.ts. */
  readonly attraction: number;
  /** What a taste may be about: a category, a brand. */
  readonly labels?: readonly string[];
}

/** What the caller sends as an event, with the search it belongs to. */
export interface SimulatedEvent {
  readonly itemId: string;
  /** One of the event types that every collection knows. */
  readonly type: string;
  /** 1 for the first hit. */
  readonly position: number;
  /** Time since the answer came. */
  readonly afterMilliseconds: number;
  /** Seconds for dwell. */
  readonly value?: number;
}

const LOOK_MILLISECONDS = 900;

/**
 * One shopper meets one page and acts: an impression for what was looked at, clicks, dwell on what was clicked (log-normal, longer on
 * what pleases), now and then a cart and a purchase. A pure function of page, persona and random.
 */
export function visit(shown: readonly ShownItem[], persona: Persona, random: Random): SimulatedEvent[] {
  if (random.next() < persona.abandonment) return [];
  const attractions = shown.map((item) => tasteOf(persona, item));
  const { seen, clicked } = look(persona.behaviour, attractions, random, persona);
  const events: SimulatedEvent[] = [];
  let clock = 0;
  for (const index of seen) {
    const { id } = shown[index] as ShownItem;
    const add = (type: string, value?: number): void => {
      const event = { itemId: id, type, position: index + 1, afterMilliseconds: Math.round(clock) };
      events.push(value === undefined ? event : { ...event, value });
    };
    clock += LOOK_MILLISECONDS * (0.5 + random.next());
    add('impression');
    if (!clicked.includes(index)) continue;
    clock += 400 * (0.5 + random.next());
    add('click');
    const pleasure = attractions[index] as number;
    const dwellSeconds = Math.exp(1.5 + 2 * pleasure + 0.6 * gaussian(random));
    clock += dwellSeconds * 1000;
    add('dwell', Math.round(dwellSeconds * 10) / 10);
    if (random.next() >= persona.conversion * pleasure) continue;
    add('add-to-cart');
    if (random.next() < 0.5) add('purchase');
  }
  return events;
}

/** A taste moves attraction towards 1 or 0 and keeps it within. */
function tasteOf({ tastes = {} }: Persona, { attraction, labels = [] }: ShownItem): number {
  const factor = labels.reduce((product, label) => product * (tastes[label] ?? 1), 1);
  return Math.min(1, attraction * factor);
}

/** Box and Muller 1958. */
const gaussian = (random: Random): number =>
  Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
