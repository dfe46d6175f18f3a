import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../../src/foundation/core/random.ts';
import {
  creditOf,
  interleavingResult,
  type Outcome,
  outcomeOf,
} from '../../../../src/learning/evaluation/interleaving/outcome.ts';
import { type DraftedHit, teamDraft } from '../../../../src/learning/evaluation/interleaving/team-draft.ts';
import { look } from '../../../../src/learning/evaluation/simulator/behaviour.ts';

const rankings = fc.uniqueArray(fc.integer({ min: 0, max: 15 }), { maxLength: 12 }).map((ids) => ids.map(String));

/** Outcomes of searches in which `attraction` alone decides about clicks, on drafts of two rankings. */
function outcomes(
  served: string[],
  candidate: string[],
  attraction: Record<string, number>,
  searches: number,
): Outcome[] {
  const random = createRandom(5);
  return Array.from({ length: searches }, (_, seed) => {
    const hits = teamDraft(served, candidate, { seed, length: 10 });
    const attractions = hits.map(({ itemId }) => attraction[itemId] ?? 0.1);
    const { clicked } = look({ kind: 'position-based', eta: 1 }, attractions, random, { noise: 0.1 });
    return outcomeOf(
      hits,
      clicked.map((index) => (hits[index] as DraftedHit).itemId),
    );
  });
}

describe('team-draft interleaving', () => {
  it('lists every item of both rankings once, as far as the length goes', () => {
    fc.assert(
      fc.property(rankings, rankings, fc.nat(), fc.integer({ min: 1, max: 20 }), (served, candidate, seed, length) => {
        const ids = teamDraft(served, candidate, { seed, length }).map((hit) => hit.itemId);
        const all = new Set([...served, ...candidate]);
        expect(new Set(ids).size).toBe(ids.length);
        expect(ids.length).toBe(Math.min(length, all.size));
        expect(ids.every((id) => all.has(id))).toBe(true);
      }),
    );
  });

  it('lets each team pick the best that is left to it, and no team fall behind by more than one', () => {
    fc.assert(
      fc.property(rankings, fc.nat(), (served, seed) => {
        const candidate = createRandom(seed).shuffle(served);
        const hits = teamDraft(served, candidate, { seed, length: 20 });
        const taken = new Set<string>();
        const picks = { served: 0, candidate: 0 };
        for (const { itemId, team } of hits) {
          if (team !== null) {
            const ranking = team === 'served' ? served : candidate;
            expect(ranking.find((id) => !taken.has(id))).toBe(itemId);
            picks[team]++;
          }
          taken.add(itemId);
        }
        // One more when the agreed prefix ends in the middle of a round.
        expect(Math.abs(picks.served - picks.candidate)).toBeLessThanOrEqual(2);
      }),
    );
  });

  it('gives the same list for the same seed, and both teams the first pick about equally often', () => {
    const draft = (seed: number) => teamDraft(['a', 'b'], ['c', 'd'], { seed, length: 4 });
    expect(draft(3)).toEqual(draft(3));
    const firsts = Array.from({ length: 1000 }, (_, seed) => draft(seed)[0]?.team);
    const share = firsts.filter((team) => team === 'candidate').length / 1000;
    expect(Math.abs(share - 0.5)).toBeLessThan(0.05);
  });

  it('keeps what both agree on from the top without a team', () => {
    const hits = teamDraft(['a', 'b', 'c', 'd'], ['a', 'b', 'd', 'c'], { seed: 1, length: 4 });
    expect(hits.map((hit) => hit.team === null)).toEqual([true, true, false, false]);
    expect(creditOf(hits, ['a', 'b'])).toEqual({ served: 0, candidate: 0 });
  });

  it('credits each click to the team that picked the item, once', () => {
    const hits: DraftedHit[] = [
      { itemId: 'a', team: 'served' },
      { itemId: 'b', team: 'candidate' },
      { itemId: 'c', team: 'candidate' },
    ];
    expect(creditOf(hits, ['b', 'b', 'c', 'elsewhere'])).toEqual({ served: 0, candidate: 2 });
    expect(outcomeOf(hits, ['b', 'a'])).toBe('tie');
    expect(outcomeOf(hits, ['a'])).toBe('served');
  });

  it('finds the better ranking, and nobody where the rankings are as good as each other', () => {
    const ids = Array.from({ length: 10 }, (_, index) => `${index}`);
    const better = [...ids.slice(5), ...ids.slice(0, 5)];
    const good = Object.fromEntries(better.slice(0, 5).map((id) => [id, 0.9]));
    expect(interleavingResult(outcomes(ids, better, good, 400)).verdict).toBe('candidate');
    expect(interleavingResult(outcomes(better, ids, good, 400)).verdict).toBe('served');
    // Equal merit, with an agreed prefix of odd length.
    const equal = interleavingResult(outcomes(['x', ...ids], ['x', ...better], {}, 4000));
    expect(equal.verdict).toBe('undecided');
    expect(Math.abs(equal.delta)).toBeLessThan(0.03);
  });

  it('counts ties half for each side', () => {
    const result = interleavingResult(['candidate', 'tie', 'tie', 'served', 'candidate']);
    expect(result).toMatchObject({ wins: 2, losses: 1, ties: 2, verdict: 'undecided' });
    expect(result.delta).toBeCloseTo(0.1, 12);
    expect(interleavingResult([]).delta).toBe(0);
  });
});
