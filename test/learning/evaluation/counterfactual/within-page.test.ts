import { describe, expect, it } from 'vitest';
import { createRandom, type Random } from '../../../../src/foundation/core/random.ts';
import { clusterInterval } from '../../../../src/learning/evaluation/counterfactual/cluster-interval.ts';
import type { LoggedSearch } from '../../../../src/learning/evaluation/counterfactual/logged-search.ts';
import { withinPageGate } from '../../../../src/learning/evaluation/counterfactual/within-page.ts';
import { EXAMINATION, look } from '../../../../src/learning/evaluation/simulator/behaviour.ts';

const ids = Array.from({ length: 10 }, (_, index) => `${index}`);
const examination = (position: number): number => EXAMINATION[position - 1] as number;

/** Attraction of each item by query: 1 for a few. */
const attractionsOf = (random: Random): number[] => ids.map(() => (random.next() < 0.25 ? 1 : 0));

/** Queries, each shown five times in the order 0 to 9 to position-based shoppers. */
function logOf(seed: number, queries: number) {
  const random = createRandom(seed);
  const attractions = new Map<string, number[]>();
  const log: LoggedSearch[] = [];
  for (let query = 0; query < queries; query++) {
    const queryKey = `q${query}`;
    attractions.set(queryKey, attractionsOf(random));
    for (let session = 0; session < 5; session++) {
      const { clicked } = look({ kind: 'position-based', eta: 1 }, attractions.get(queryKey) as number[], random, {
        noise: 0.1,
      });
      const hits = ids.map((itemId, index) => ({
        itemId,
        position: index + 1,
        propensity: 1,
        reward: clicked.includes(index) ? 1 : 0,
      }));
      log.push({ queryKey, hits });
    }
  }
  /** An order by attraction and chance. */
  const rankingBy = (share: number) => {
    const own = createRandom(seed + 1);
    const orders = new Map(
      [...attractions].map(([queryKey, values]) => {
        const scores = values.map((value) => share * value + own.next());
        return [
          queryKey,
          [...ids].sort((left, right) => (scores[Number(right)] as number) - (scores[Number(left)] as number)),
        ];
      }),
    );
    return ({ queryKey }: LoggedSearch) => orders.get(queryKey) as string[];
  };
  return { log, rankingBy };
}

describe('the within-page gate', () => {
  it('equals a figure worked out by hand', () => {
    const hits = ['a', 'b', 'c'].map((itemId, index) => ({
      itemId,
      position: index + 1,
      propensity: 1,
      reward: index === 2 ? 1 : 0,
    }));
    const log: LoggedSearch[] = [{ queryKey: 'q', hits }];
    // The click at position 3 weighs 1/(1/3) = 3 and moves from rank 3 to rank 1; what the candidate does not rank comes last.
    const { mean, queries } = withinPageGate(log, () => ['c', 'a'], { examination: (position) => 1 / position });
    expect(mean).toBeCloseTo(3 * (1 - 1 / Math.log2(4)), 12);
    expect(queries).toBe(1);
  });

  it('promotes an order that knows something, refuses one that does not, and mostly stays undecided about chance', () => {
    const verdicts = (share: number) =>
      Array.from({ length: 20 }, (_, seed) => {
        const { log, rankingBy } = logOf(seed, 200);
        return withinPageGate(log, rankingBy(share), { examination, resamples: 300 }).verdict;
      });
    // The order shown is by chance as well, so another chance order is no better and no worse.
    expect(verdicts(1).filter((verdict) => verdict === 'promote').length).toBeGreaterThanOrEqual(19);
    expect(verdicts(-1).filter((verdict) => verdict === 'refuse').length).toBeGreaterThanOrEqual(19);
    expect(verdicts(0).filter((verdict) => verdict === 'undecided').length).toBeGreaterThanOrEqual(16);
  });

  it('is fooled without weights: whatever changes the order shown looks worse', () => {
    const { log, rankingBy } = logOf(3, 200);
    expect(withinPageGate(log, rankingBy(0), { examination: () => 1 }).verdict).toBe('refuse');
  });

  it('does not let one click below the clip outweigh the rest', () => {
    const { log, rankingBy } = logOf(4, 50);
    const loose = withinPageGate(log, rankingBy(1), { examination, clip: 1000 });
    const tight = withinPageGate(log, rankingBy(1), { examination, clip: 2 });
    expect(tight.effectiveSampleSize).toBeGreaterThan(loose.effectiveSampleSize);
  });

  it('does not praise a candidate for undoing exploration when it knows what the served ranking is', () => {
    const random = createRandom(6);
    const log: LoggedSearch[] = Array.from({ length: 300 }, (_, query) => {
      // A perfect ranking, of which exploration swapped the first and the last item.
      const order = [9, 1, 2, 3, 4, 5, 6, 7, 8, 0];
      const { clicked } = look(
        { kind: 'position-based', eta: 1 },
        order.map((item) => 1 - item / 10),
        random,
        { noise: 0 },
      );
      const hits = order.map((item, index) => ({
        itemId: `${item}`,
        position: index + 1,
        propensity: 0.1,
        reward: clicked.includes(index) ? 1 : 0,
      }));
      return { queryKey: `${query}`, hits };
    });
    const served = () => ids;
    expect(withinPageGate(log, served, { examination }).verdict).toBe('promote');
    expect(withinPageGate(log, served, { examination, served })).toMatchObject({ mean: 0, verdict: 'undecided' });
  });

  it('says nothing about queries without clicks', () => {
    const { log, rankingBy } = logOf(5, 10);
    const silent = log.map((search) => ({ ...search, hits: search.hits.map((hit) => ({ ...hit, reward: 0 })) }));
    expect(withinPageGate(silent, rankingBy(1), { examination })).toMatchObject({
      queries: 0,
      mean: 0,
      verdict: 'undecided',
    });
  });
});

describe('an interval over clusters', () => {
  it('is as wide as the clusters differ, however often each is repeated', () => {
    const random = createRandom(8);
    const values = Array.from({ length: 60 }, () => random.next());
    const once = clusterInterval(
      values,
      values.map((_, index) => `${index}`),
    );
    const repeated = clusterInterval(
      values.flatMap((value) => [value, value, value, value]),
      values.flatMap((_, index) => Array.from({ length: 4 }, () => `${index}`)),
    );
    expect(repeated.mean).toBeCloseTo(once.mean, 12);
    expect(repeated.high - repeated.low).toBeCloseTo(once.high - once.low, 10);
  });
});
