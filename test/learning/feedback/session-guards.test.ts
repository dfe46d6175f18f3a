import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../src/foundation/core/random.ts';
import { poisonerVisit, robotVisit } from '../../../src/learning/evaluation/simulator/attackers.ts';
import { PERSONAS } from '../../../src/learning/evaluation/simulator/personas.ts';
import { type SimulatedEvent, visit } from '../../../src/learning/evaluation/simulator/visit.ts';
import { DEFAULT_FEEDBACK_SETTINGS } from '../../../src/learning/feedback/feedback-settings.ts';
import { farmedItems } from '../../../src/learning/feedback/guards/farm-guard.ts';
import { type GuardedSession, suspicionsOf } from '../../../src/learning/feedback/guards/session-guards.ts';

const { guards } = DEFAULT_FEEDBACK_SETTINGS;
/** Every query shows items of its own, and one that all of them show. */
const pageOf = (query: number) =>
  Array.from({ length: 10 }, (_, rank) => ({
    id: rank === 8 ? 'item 8' : `item ${query}-${rank}`,
    attraction: rank % 3 === 0 ? 1 : 0.1,
  }));
const start = Date.parse('2026-03-01T12:00:00Z');

/** A session of so many searches, each met by `act`, with a pause between them. */
function session(count: number, pauseMilliseconds: number, act: (index: number) => SimulatedEvent[]): GuardedSession {
  const visits = Array.from({ length: count }, (_, index) => {
    const at = start + index * pauseMilliseconds;
    return { searchId: `search ${index}`, queryKey: `query ${index}`, shown: 10, at: new Date(at), acts: act(index) };
  });
  const events = visits.flatMap(({ searchId, at, acts }) =>
    acts.map(({ itemId, type, value, afterMilliseconds }) => ({
      searchId,
      itemId,
      type,
      value: value ?? null,
      at: new Date(at.getTime() + afterMilliseconds),
    })),
  );
  return { searches: visits, events };
}
const codes = (guarded: GuardedSession) => suspicionsOf(guarded, guards).map(({ code }) => code);

describe('the guards of a session', () => {
  it('leave people alone: all personas, and one who searches a hundred times a day', () => {
    const random = createRandom(1);
    for (const persona of PERSONAS) {
      for (let shopper = 0; shopper < 200; shopper++) {
        expect(codes(session(1 + random.integer(8), 90_000, (query) => visit(pageOf(query), persona, random)))).toEqual(
          [],
        );
      }
    }
    const [glancing] = PERSONAS;
    expect(codes(session(100, 60_000, (query) => visit(pageOf(query), glancing!, random)))).toEqual([]);
  });

  it('see a robot that opens everything, faster than anybody reads', () => {
    expect(codes(session(3, 1000, (query) => robotVisit(pageOf(query))))).toEqual([
      'clicks_everything',
      'clicks_like_clockwork',
    ]);
  });

  it('see a slow robot by what it clicks, and a fast one by how often it asks', () => {
    expect(codes(session(4, 600_000, (query) => robotVisit(pageOf(query), 30_000)))).toEqual(['clicks_everything']);
    expect(codes(session(300, 100, () => []))).toEqual(['too_many_searches']);
  });

  it('see whoever clicks one item for whatever was asked', () => {
    const random = createRandom(2);
    const pushed = new Set(['item 8']);
    expect(codes(session(8, 120_000, (query) => poisonerVisit(pageOf(query), pushed, random)))).toEqual([
      'single_minded',
    ]);
    expect(codes(session(3, 120_000, (query) => poisonerVisit(pageOf(query), pushed, random)))).toEqual([]);
  });

  it('see dwelling that was longer than the time there was', () => {
    const dwell = (value: number): SimulatedEvent[] => [
      { itemId: 'item 0', type: 'dwell', position: 1, afterMilliseconds: 5000, value },
    ];
    expect(codes(session(4, 60_000, () => dwell(4)))).toEqual([]);
    expect(codes(session(4, 60_000, () => dwell(4000)))).toEqual(['impossible_dwell']);
  });
});

describe('the guard against click farms', () => {
  const crowd = Array.from({ length: 30 }, (_, item) => ({ itemId: `item ${item}`, clients: 40, passing: 12 }));

  it('names an item whose clickers came for it alone far more often than those of other items', () => {
    expect(farmedItems([...crowd, { itemId: 'pushed', clients: 120, passing: 110 }], guards)).toEqual(['pushed']);
  });

  it('names none where chance explains the difference, where all clients are anonymous, or where clicks are few', () => {
    expect(farmedItems([...crowd, { itemId: 'liked', clients: 120, passing: 45 }], guards)).toEqual([]);
    const anonymous = crowd.map((item) => ({ ...item, passing: item.clients }));
    expect(farmedItems([...anonymous, { itemId: 'liked', clients: 500, passing: 500 }], guards)).toEqual([]);
    expect(farmedItems([...crowd, { itemId: 'few', clients: 15, passing: 15 }], guards)).toEqual([]);
  });

  it('raises at most one false alarm in ten thousand items', () => {
    const random = createRandom(3);
    let alarms = 0;
    for (let round = 0; round < 200; round++) {
      const items = Array.from({ length: 50 }, (_, item) => {
        const clients = 20 + random.integer(200);
        const passing = Array.from({ length: clients }, () => random.next()).filter((draw) => draw < 0.4).length;
        return { itemId: `item ${item}`, clients, passing };
      });
      alarms += farmedItems(items, guards).length;
    }
    expect(alarms).toBeLessThanOrEqual(1);
  });
});
