import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareArms, lengthLabel } from '../../../../src/learning/evaluation/offline/compare-arms.ts';
import { compareArmsBeside } from '../../../../src/learning/evaluation/offline/compare-arms-thread.ts';

const queriesOf = (count: number, searches = 0) =>
  Array.from({ length: count }, (_, at) => ({ query: `query ${at}`, searches }));

const comparison = (baseline: readonly number[], ...others: ReadonlyArray<readonly number[]>) => ({
  queries: queriesOf(baseline.length),
  metrics: ['ndcg@10'],
  values: [baseline, ...others].map((values) => ({ 'ndcg@10': values, 'judged@10': values.map(() => 0.5) })),
  seed: 1,
});

const values = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 40 });

describe('comparing arms', () => {
  it('counts every query once: better, worse or the same, and every moved one in the histogram', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true })), {
          minLength: 1,
          maxLength: 40,
        }),
        (pairs) => {
          const movement = compareArms(
            comparison(
              pairs.map(([before]) => before),
              pairs.map(([, after]) => after),
            ),
          )[1]?.movement;
          const { better = 0, same = 0, worse = 0, histogram = [], mostBetter = [], mostWorse = [] } = movement ?? {};
          expect(better + same + worse).toBe(pairs.length);
          expect(histogram.reduce((sum, bin) => sum + bin.queries, 0)).toBe(better + worse);
          expect(histogram.filter(({ from }) => from > -1e-12).reduce((sum, bin) => sum + bin.queries, 0)).toBe(better);
          expect([mostBetter.length, mostWorse.length]).toEqual([Math.min(10, better), Math.min(10, worse)]);
        },
      ),
      { numRuns: 30 },
    );
  });

  it('finds no difference between an arm and itself', () => {
    fc.assert(
      fc.property(values, (column) => {
        const difference = compareArms(comparison(column, column))[1]?.metrics['ndcg@10']?.difference;
        expect(difference).toEqual({ mean: 0, low: 0, high: 0, pValue: 1, adjusted: 1 });
      }),
      { numRuns: 20 },
    );
  });

  it('asks more of each arm where there are several', () => {
    const before = Array.from({ length: 30 }, (_, at) => (at % 7) / 10);
    const better = before.map((value, at) => value + (at % 3 === 0 ? 0.1 : at % 5 === 0 ? -0.05 : 0));
    const [, alone] = compareArms(comparison(before, better));
    const [, first] = compareArms(comparison(before, better, before, before));
    const one = alone?.metrics['ndcg@10']?.difference;
    const ofThree = first?.metrics['ndcg@10']?.difference;
    expect(ofThree?.pValue).toBe(one?.pValue);
    expect(ofThree?.adjusted).toBeCloseTo(3 * (one?.pValue ?? 0), 9);
  });

  it('calls no query head or tail when nobody asked any', () => {
    const names = (searches: number) =>
      compareArms({
        ...comparison(new Array(50).fill(0.5), new Array(50).fill(0.6)),
        queries: queriesOf(50, searches),
      })[1]?.movement?.slices.map(({ name }) => name);
    expect(names(0)).toEqual(['2 words']);
    expect(names(1)).toEqual(['head', '2 words', 'tail']);
  });

  it('comes out the same in a thread of its own, which a signal ends', async () => {
    const asked = comparison([0.1, 0.5, 0.2], [0.2, 0.5, 0.9]);
    expect(await compareArmsBeside(asked, new AbortController().signal)).toEqual(compareArms(asked));
    const large = comparison(
      new Array(200_000).fill(0.1),
      Array.from({ length: 200_000 }, (_, at) => at / 200_000),
    );
    const reason = new Error('enough');
    const stop = new AbortController();
    const comparing = compareArmsBeside(large, stop.signal);
    setTimeout(() => stop.abort(reason), 100);
    await expect(comparing).rejects.toBe(reason);
  });

  it.each([
    ['lamp', '1 word'],
    [' red  lamp ', '2 words'],
    ['a red lamp', '3 or 4 words'],
    ['a very small red lamp', '5 words and more'],
  ])('labels %j by its length', (query, label) => {
    expect(lengthLabel(query)).toBe(label);
  });
});
