import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../../src/foundation/core/random.ts';
import { poisonerVisit, robotVisit } from '../../../../src/learning/evaluation/simulator/attackers.ts';
import { esciAttraction, exponentialAttraction } from '../../../../src/learning/evaluation/simulator/attraction.ts';
import { PERSONAS, type Persona } from '../../../../src/learning/evaluation/simulator/personas.ts';
import { population } from '../../../../src/learning/evaluation/simulator/population.ts';
import { type ShownItem, visit } from '../../../../src/learning/evaluation/simulator/visit.ts';

const PAGE: ShownItem[] = Array.from({ length: 10 }, (_, index) => ({
  id: `item-${index + 1}`,
  attraction: index % 3 === 0 ? 1 : 0.1,
  labels: [index % 2 === 0 ? 'shoes' : 'hats'],
}));
const EAGER: Persona = {
  name: 'eager',
  share: 1,
  behaviour: { kind: 'position-based', eta: 0 },
  noise: 0,
  abandonment: 0,
  conversion: 1,
};

const visitsOf = (options: Parameters<typeof population>[0], count: number) => {
  const visitors = population(options);
  return Array.from({ length: count }, () => {
    const { user, kind, visit: meet } = visitors.next().value;
    return { user, kind, events: meet(PAGE) };
  });
};

describe('a simulated visit', () => {
  it('begins every story with an impression and lets time pass forward', () => {
    for (let seed = 0; seed < 50; seed++) {
      const events = visit(PAGE, PERSONAS[seed % PERSONAS.length] as Persona, createRandom(seed));
      const seen = new Set<string>();
      let clock = 0;
      for (const { itemId, type, position, afterMilliseconds } of events) {
        if (type === 'impression') seen.add(itemId);
        expect(seen.has(itemId)).toBe(true);
        expect(PAGE[position - 1]?.id).toBe(itemId);
        expect(afterMilliseconds).toBeGreaterThanOrEqual(clock);
        clock = afterMilliseconds;
      }
    }
  });

  it('dwells longer on what pleases and buys nothing else', () => {
    const dwells = { pleasing: [] as number[], dull: [] as number[] };
    for (let seed = 0; seed < 300; seed++) {
      for (const { position, type, value } of visit(PAGE, { ...EAGER, noise: 0.5 }, createRandom(seed))) {
        const isPleasing = (position - 1) % 3 === 0;
        if (type === 'dwell') dwells[isPleasing ? 'pleasing' : 'dull'].push(value as number);
      }
    }
    const middle = (values: number[]) =>
      values.sort((left, right) => left - right)[Math.floor(values.length / 2)] as number;
    expect(middle(dwells.pleasing)).toBeGreaterThan(3 * middle(dwells.dull));
    const worthless = PAGE.map((item) => ({ ...item, attraction: 0 }));
    const events = visit(worthless, { ...EAGER, noise: 1 }, createRandom(1));
    expect(events.some(({ type }) => type === 'click')).toBe(true);
    expect(events.some(({ type }) => type === 'add-to-cart' || type === 'purchase')).toBe(false);
  });

  it('follows a taste', () => {
    const items = PAGE.map((item) => ({ ...item, attraction: 0.4 }));
    const clicked = (label: string) => {
      let count = 0;
      for (let seed = 0; seed < 200; seed++)
        for (const { type, position } of visit(items, { ...EAGER, tastes: { shoes: 2, hats: 0 } }, createRandom(seed)))
          if (type === 'click' && items[position - 1]?.labels?.includes(label)) count++;
      return count;
    };
    expect(clicked('hats')).toBe(0);
    expect(clicked('shoes') / (200 * 5)).toBeCloseTo(0.8, 1);
  });

  it('does not take place when the shopper leaves at once', () => {
    expect(visit(PAGE, { ...EAGER, abandonment: 1 }, createRandom(1))).toEqual([]);
  });
});

describe('attackers', () => {
  it('a robot clicks everything, in even steps, and stays nowhere', () => {
    const events = robotVisit(PAGE);
    expect(events.filter(({ type }) => type === 'click').map(({ itemId }) => itemId)).toEqual(PAGE.map(({ id }) => id));
    expect(events.some(({ type }) => type === 'dwell')).toBe(false);
    expect(events.at(-1)?.afterMilliseconds).toBeLessThan(1000);
  });

  it('a poisoner clicks what is to be pushed and nothing else, and reads it', () => {
    const events = poisonerVisit(PAGE, new Set(['item-4', 'elsewhere']), createRandom(2));
    expect(events.filter(({ type }) => type === 'click').map(({ itemId }) => itemId)).toEqual(['item-4']);
    expect(events.filter(({ type }) => type === 'impression')).toHaveLength(4);
    expect(events.at(-1)).toMatchObject({ type: 'dwell', itemId: 'item-4' });
    expect(poisonerVisit(PAGE, new Set(['elsewhere']), createRandom(2))).toEqual([]);
  });
});

describe('a population', () => {
  const OPTIONS = { seed: 7, shoppers: 40, robotShare: 0.1, poisonerShare: 0.05, pushed: new Set(['item-9']) };

  it('is the same for the same seed', () => {
    expect(visitsOf(OPTIONS, 200)).toEqual(visitsOf(OPTIONS, 200));
    expect(visitsOf(OPTIONS, 200)).not.toEqual(visitsOf({ ...OPTIONS, seed: 8 }, 200));
  });

  it('has the shares that were asked for, and people who stay who they are', () => {
    const visits = visitsOf(OPTIONS, 4000);
    const share = (kind: string) => visits.filter((found) => found.kind === kind).length / visits.length;
    expect(share('robot')).toBeCloseTo(0.1, 1);
    expect(Math.abs(share('poisoner') - 0.05)).toBeLessThan(0.015);
    const kinds = new Map<string, Set<string>>();
    for (const { user, kind } of visits) kinds.set(user, (kinds.get(user) ?? new Set()).add(kind));
    expect([...kinds.values()].every((found) => found.size === 1)).toBe(true);
    expect(kinds.size).toBeGreaterThan(40);
  });

  it('does not let one visitor’s page change who comes next', () => {
    const [left, right] = [population(OPTIONS), population(OPTIONS)];
    for (let count = 0; count < 50; count++) {
      left.next().value.visit(PAGE);
      right.next().value.visit([]);
    }
    expect(left.next().value.user).toBe(right.next().value.user);
  });
});

describe('attraction of a grade', () => {
  it('is the exponential scale, or ESCI’s table', () => {
    expect([0, 1, 2, 3].map(exponentialAttraction(3))).toEqual([0, 1 / 7, 3 / 7, 1]);
    expect([1, 0.1, 0.01, 0].map(esciAttraction)).toEqual([1, 0.35, 0.1, 0]);
  });
});
