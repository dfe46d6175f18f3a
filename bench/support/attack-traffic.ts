import { createRandom, type Random } from '../../src/foundation/core/random.ts';
import { poisonerVisit, robotVisit } from '../../src/learning/evaluation/simulator/attackers.ts';
import { drawPersona, PERSONAS, type Persona } from '../../src/learning/evaluation/simulator/personas.ts';
import { type ShownItem, type SimulatedEvent, visit } from '../../src/learning/evaluation/simulator/visit.ts';

/** One search that is going to be made, and what is done with its page. */
export interface PlannedVisit {
  /** Milliseconds from the beginning of the day. */
  readonly at: number;
  readonly user?: string;
  readonly session?: string;
  /** Who it is in truth: a persona, or an attack. */
  readonly kind: string;
  readonly query: string;
  readonly limit: number;
  readonly act: (shown: readonly ShownItem[]) => SimulatedEvent[];
}

export interface Target {
  readonly query: string;
  readonly itemId: string;
}

const SECOND = 1000;
const HOUR = 3_600_000;
/** All that happens, happens in so many hours. */
export const HOURS = 12;
const PAGE = 10;
/** Attackers look further down for what they push. */
const ATTACKER_PAGE = 20;

/** Clicks on nearly all that they see, one after the other, as who opens tabs to read later. */
const COLLECTOR: Persona = {
  name: 'opens nearly everything',
  share: 1,
  behaviour: { kind: 'position-based', eta: 0 },
  noise: 0.85,
  abandonment: 0,
  conversion: 0.1,
};
const THOROUGH = PERSONAS.find(({ name }) => name === 'thorough') as Persona;

/**
 * A day of people: each query is asked `visits` times, half of them by passers-by with a session of their own, half by 60
 * people with a name who ask a few things in a row. Besides, people who do much: one with 100 searches over the day, one
 * with 100 in half an hour, and three who open nearly everything.
 */
export function honestTraffic(queries: readonly string[], visits: number, seed: number): PlannedVisit[] {
  const random = createRandom(seed);
  const asked = random.shuffle(Array.from({ length: visits }, () => queries).flat());
  const passing = asked.splice(0, asked.length / 2);
  const people = Array.from({ length: 60 }, () => drawPersona(PERSONAS, random));
  const plans = passing.map((query, index) =>
    person({ session: `passer-by ${index}` }, drawPersona(PERSONAS, random), query, anyTime(random), random),
  );
  while (asked.length > 0) {
    const index = random.integer(people.length);
    const own = asked.splice(0, 1 + random.integer(4));
    plans.push(
      ...inARow({ user: `person ${index}` }, people[index] as Persona, own, [30, 120], anyTime(random), random),
    );
  }
  const some = (count: number): string[] => Array.from({ length: count }, () => pick(queries, random));
  const busy = { ...THOROUGH, name: '100 searches a day' };
  for (let hour = 1; hour <= 10; hour++)
    plans.push(...inARow({ user: 'busy' }, busy, some(10), [20, 60], hour * HOUR, random));
  const hasty = { ...THOROUGH, name: '100 searches in half an hour' };
  plans.push(...inARow({ user: 'hasty' }, hasty, some(100), [12, 24], anyTime(random), random));
  for (let collector = 0; collector < 3; collector++)
    plans.push(...inARow({ user: `collector ${collector}` }, COLLECTOR, some(4), [30, 90], anyTime(random), random));
  return plans;
}

type Client = Pick<PlannedVisit, 'user' | 'session'>;

function inARow(
  client: Client,
  persona: Persona,
  queries: readonly string[],
  [least, most]: readonly [seconds: number, seconds: number],
  from: number,
  random: Random,
): PlannedVisit[] {
  let at = from;
  return queries.map((query) => {
    at += SECOND * (least + (most - least) * random.next());
    return person(client, persona, query, at, random);
  });
}

function person(client: Client, persona: Persona, query: string, at: number, random: Random): PlannedVisit {
  const own = createRandom(random.integer(2 ** 31));
  return { ...client, at, kind: persona.name, query, limit: PAGE, act: (shown) => visit(shown, persona, own) };
}

const anyTime = (random: Random): number => (0.2 + (HOURS - 1) * random.next()) * HOUR;
const pick = <T>(values: readonly T[], random: Random): T => values[random.integer(values.length)] as T;

type Attack = (queries: readonly string[], target: Target, random: Random) => PlannedVisit[];

const push = (client: Client, kind: string, { query, itemId }: Target, at: number, random: Random): PlannedVisit => {
  const own = createRandom(random.integer(2 ** 31));
  const pushed = new Set([itemId]);
  return { ...client, at, kind, query, limit: ATTACKER_PAGE, act: (shown) => poisonerVisit(shown, pushed, own) };
};

const guests = <T>(of: (guest: number) => T[]): T[] => Array.from({ length: 5 }, (_, guest) => of(guest)).flat();

/** What each attack does; all want one item to rise for one query. */
export const ATTACKS: Readonly<Record<string, Attack>> = {
  'robot: all 20 queries 5 times, clicks everything at once': (queries) =>
    Array.from({ length: 5 }, () => queries)
      .flat()
      .map((query, index) => ({
        ...{ session: 'robot', kind: 'robot', query, limit: PAGE },
        at: 5 * HOUR + index * 2 * SECOND,
        act: (shown) => robotVisit(shown),
      })),
  'flood: one client asks 500 times and clicks one item': (_, { query, itemId }) =>
    Array.from({ length: 500 }, (_, index) => ({
      ...{ session: 'flood', kind: 'flood', query, limit: ATTACKER_PAGE },
      at: 5 * HOUR + (index * SECOND) / 2,
      act: (shown) =>
        shown.flatMap(({ id }, slot) =>
          id === itemId ? [{ itemId, type: 'click', position: slot + 1, afterMilliseconds: 300 }] : [],
        ),
    })),
  'click farm: 200 clients search once and click one item': (_, target, random) =>
    Array.from({ length: 200 }, (_, index) =>
      push({ session: `farm ${index}` }, 'farm', target, anyTime(random), random),
    ),
  'slow poisoners: 5 guests push one item, 10 sessions each': (_, target, random) =>
    guests((guest) =>
      Array.from({ length: 10 }, (_, session) =>
        push({ user: `guest ${guest}` }, 'poisoner', target, (0.5 + session) * HOUR + 600_000 * random.next(), random),
      ),
    ),
  'the same, who also shop like people': (queries, target, random) =>
    guests((guest) =>
      Array.from({ length: 10 }, (_, session) => {
        const client = { user: `guest ${guest}` };
        const at = (0.5 + session) * HOUR + 600_000 * random.next();
        const cover = inARow(client, THOROUGH, [pick(queries, random), pick(queries, random)], [30, 120], at, random);
        const pushing = push(client, 'poisoner', target, at + 300 * SECOND, random);
        return [...cover.map((plan) => ({ ...plan, kind: 'poisoner' })), pushing];
      }).flat(),
    ),
};
