import { createRandom, type Random } from '../../../foundation/core/random.ts';
import { poisonerVisit, robotVisit } from './attackers.ts';
import { drawPersona, PERSONAS, type Persona } from './personas.ts';
import { type ShownItem, type SimulatedEvent, visit } from './visit.ts';

export interface PopulationOptions {
  readonly seed: number;
  /** People with a name and one persona each. */
  readonly shoppers: number;
  readonly personas?: readonly Persona[];
  /** Share of the visits that are robots'. */
  readonly robotShare?: number;
  /** Share of the visits that are poisoners', who share a few names. */
  readonly poisonerShare?: number;
  /** The items that poisoners push. */
  readonly pushed?: ReadonlySet<string>;
}

export interface Visitor {
  readonly user: string;
  /** A persona's name, `robot` or `poisoner`: the truth that guards are judged by. */
  readonly kind: string;
  readonly visit: (shown: readonly ShownItem[]) => SimulatedEvent[];
}

const POISONER_NAMES = 5;

/**
 * An endless, seeded stream of visitors. The caller shows each of them a page, by the API or otherwise, and sends the events on.
 *
 * @example
 * const visitors = population({ seed: 7, shoppers: 200, robotShare: 0.02 });
 * const events = visitors.next().value.visit(page);
 */
export function* population(options: PopulationOptions): Generator<Visitor, never, void> {
  const { seed, shoppers, personas = PERSONAS, robotShare = 0, poisonerShare = 0, pushed = new Set() } = options;
  const random = createRandom(seed);
  const people = Array.from({ length: shoppers }, () => drawPersona(personas, random));
  for (;;) {
    const draw = random.next();
    // A generator of its own for each visit: what one visitor meets does not change what the next one is like.
    const own = createRandom(random.integer(2 ** 31));
    if (draw < robotShare) yield { user: 'robot-1', kind: 'robot', visit: (shown) => robotVisit(shown) };
    else if (draw < robotShare + poisonerShare) yield poisoner(pushed, random, own);
    else yield shopper(people, random, own);
  }
}

const poisoner = (pushed: ReadonlySet<string>, random: Random, own: Random): Visitor => ({
  user: `guest-${random.integer(POISONER_NAMES) + 1}`,
  kind: 'poisoner',
  visit: (shown) => poisonerVisit(shown, pushed, own),
});

function shopper(people: readonly Persona[], random: Random, own: Random): Visitor {
  const index = random.integer(people.length);
  const persona = people[index] as Persona;
  return { user: `shopper-${index + 1}`, kind: persona.name, visit: (shown) => visit(shown, persona, own) };
}
