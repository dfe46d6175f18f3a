import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cosine } from '../../../src/foundation/core/math.ts';
import { DEFAULT_FEEDBACK_SETTINGS } from '../../../src/learning/feedback/feedback-settings.ts';
import { boostsOf, decayed, tasteOf } from '../../../src/learning/improvement/profiles/taste.ts';
import {
  type Action,
  MAX_DAY_WEIGHT,
  MAX_ITEM_WEIGHT,
  weighActions,
} from '../../../src/learning/improvement/profiles/weigh-actions.ts';
import { DEFAULT_RANKING } from '../../../src/serving/collections/defaults.ts';

const { eventTypes } = DEFAULT_FEEDBACK_SETTINGS;
const DAY = 86_400_000;
const now = new Date('2026-06-01T12:00:00Z');
const daysAgo = (days: number) => new Date(now.getTime() - days * DAY);
const weighing = { eventTypes, halfLifeDays: 90, now };
let number = 0;
const act = (itemId: string, type: string, days = 0): Action => ({
  eventId: `e-${number++}`,
  itemId,
  type,
  at: daysAgo(days),
});

const action = fc.record({
  eventId: fc.uuid(),
  itemId: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'toString'),
  type: fc.constantFrom(...Object.keys(eventTypes), 'unknown', 'constructor'),
  at: fc.integer({ min: -1, max: 800 }).map(daysAgo),
});
const vector = fc
  .array(fc.integer({ min: -9, max: 9 }), { minLength: 4, maxLength: 4 })
  .map((numbers) => Float32Array.from(numbers));
const vectors = fc
  .tuple(vector, vector, vector, vector, vector)
  .map((all) => new Map(['a', 'b', 'c', 'd', 'e'].map((id, index) => [id, all[index] as Float32Array])));

describe('a profile', () => {
  it('is the same to the last bit in whatever order, and however often, its events came', () => {
    fc.assert(
      fc.property(
        fc
          .array(action, { maxLength: 60 })
          .chain((actions) =>
            fc.tuple(
              fc.constant(actions),
              fc.shuffledSubarray(actions, { minLength: actions.length }),
              fc.array(fc.nat(), { maxLength: 10 }),
            ),
          ),
        vectors,
        ([actions, shuffled, repeated], all) => {
          const again = [...shuffled, ...repeated.flatMap((index) => actions[index % (actions.length || 1)] ?? [])];
          expect(tasteOf(weighActions(again, weighing), all)).toEqual(tasteOf(weighActions(actions, weighing), all));
        },
      ),
    );
  });

  it('has a direction of length 1, bounded weights, and evidence that is their sum', () => {
    fc.assert(
      fc.property(fc.array(action, { maxLength: 200 }), vectors, (actions, all) => {
        const weights = weighActions(actions, weighing);
        for (const weight of weights.values()) expect(Math.abs(weight)).toBeLessThanOrEqual(MAX_ITEM_WEIGHT);
        const taste = tasteOf(weights, all);
        if (taste.vector !== null) expect(Math.hypot(...taste.vector)).toBeCloseTo(1, 5);
        expect(taste.evidence).toBeGreaterThanOrEqual(0);
        expect(taste.evidence).toBeCloseTo(
          taste.items.reduce((sum, { weight }) => sum + Math.abs(weight), 0),
          9,
        );
      }),
    );
  });

  it('halves with every half-life, whenever it was computed', () => {
    const fresh = weighActions([act('a', 'click', 0)], weighing).get('a') as number;
    const old = weighActions([act('a', 'click', 90)], weighing).get('a') as number;
    expect(fresh).toBe(1);
    expect(old / fresh).toBeCloseTo(0.5, 2);
    expect(decayed(8, daysAgo(180), now, 90)).toBeCloseTo(2, 12);
    // A clock that is behind does not make evidence grow.
    expect(decayed(8, daysAgo(-5), now, 90)).toBe(8);
  });

  it('counts the strongest action of a day with an item once, and no item or day without end', () => {
    const day = [act('a', 'click'), act('a', 'purchase'), act('a', 'click'), act('a', 'dislike')];
    expect(weighActions(day, weighing)).toEqual(new Map([['a', 3]]));
    const faithful = Array.from({ length: 50 }, (_, days) => act('a', 'purchase', days));
    expect(weighActions(faithful, weighing).get('a')).toBe(MAX_ITEM_WEIGHT);
    const busy = Array.from({ length: 400 }, (_, item) => act(`item-${item}`, 'click'));
    const sum = [...weighActions(busy, weighing).values()].reduce((total, weight) => total + weight, 0);
    expect(sum).toBeCloseTo(MAX_DAY_WEIGHT, 9);
  });

  it('lies towards what was liked and away from what was disliked', () => {
    const all = new Map([
      ['a', Float32Array.of(1, 0)],
      ['b', Float32Array.of(0, 5)],
    ]);
    const { vector: taste } = tasteOf(weighActions([act('a', 'like'), act('b', 'dislike')], weighing), all);
    expect(cosine(taste as Float32Array, all.get('a') as Float32Array)).toBeGreaterThan(0.8);
    expect(cosine(taste as Float32Array, all.get('b') as Float32Array)).toBeLessThan(-0.4);
  });

  it('has no direction when likes and dislikes cancel out, or no item has a vector', () => {
    const same = new Map([
      ['a', Float32Array.of(1, 2)],
      ['b', Float32Array.of(2, 4)],
    ]);
    expect(
      tasteOf(
        new Map([
          ['a', 1],
          ['b', -1],
        ]),
        same,
      ).vector,
    ).toBeNull();
    expect(tasteOf(new Map([['z', 1]]), same)).toEqual({ vector: null, evidence: 0, items: [] });
    expect(tasteOf(new Map([['a', 1]]), new Map([['a', new Float32Array(2)]])).vector).toBeNull();
  });
});

describe('boosts of a profile', () => {
  const settings = { ...DEFAULT_RANKING.profile, strength: 2, limit: 0.25 };
  const cosines = fc.uniqueArray(fc.tuple(fc.nat(), fc.float({ min: -1, max: 1, noNaN: true })), {
    selector: ([key]) => key,
    maxLength: 50,
  });

  it('never exceed the limit, keep the order of the cosines, and do not depend on the order of the rows', () => {
    fc.assert(
      fc.property(cosines, fc.double({ min: 0, max: 1e6, noNaN: true }), (rows, evidence) => {
        const boosts = boostsOf(new Map(rows), evidence, settings);
        expect(boosts).toEqual(boostsOf(new Map(rows.toReversed()), evidence, settings));
        const sorted = rows.toSorted(([, left], [, right]) => left - right).map(([key]) => boosts.get(key)?.boost ?? 9);
        for (const [index, boost] of sorted.entries()) {
          expect(Math.abs(boost)).toBeLessThanOrEqual(settings.limit);
          if (index > 0) expect(boost).toBeGreaterThanOrEqual(sorted[index - 1] as number);
        }
      }),
    );
  });

  it('grow with evidence and are nothing without it', () => {
    const boostOf = (evidence: number) =>
      boostsOf(
        new Map([
          [1, 0.1],
          [2, 0],
        ]),
        evidence,
        settings,
      ).get(1)?.boost ?? 9;
    expect(boostOf(0)).toBe(0);
    expect(boostOf(settings.prior)).toBeCloseTo(0.05, 9);
    expect(boostOf(1e9)).toBeCloseTo(0.1, 6);
  });

  it('move nothing where all candidates are alike', () => {
    for (const { boost } of boostsOf(
      new Map([
        [1, 0.7],
        [2, 0.7],
      ]),
      50,
      settings,
    ).values())
      expect(boost).toBe(0);
  });
});
