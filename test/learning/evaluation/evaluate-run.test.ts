import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StudioError } from '../../../src/foundation/core/errors.ts';
import { evaluateRun } from '../../../src/learning/evaluation/evaluate-run.ts';
import { idsInOrder } from '../../../src/learning/evaluation/ranked-list.ts';

const hitsOf = (scores: Record<string, number>) => Object.entries(scores).map(([id, score]) => ({ id, score }));
const JUDGMENTS = new Map([
  ['q1', new Map(Object.entries({ a: 3, b: 0, c: 1, d: 2, z: 1 }))],
  ['q2', new Map(Object.entries({ x: 1, y: 0 }))],
]);
// Three items tie at 2, and two differ by less than single precision holds.
const RUN = new Map([
  ['q1', hitsOf({ b: 2, a: 2, u: 2, c: 1, d: 1.0000000001, v: 3 })],
  ['q2', hitsOf({ w: 1, y: 0.5, x: 0.5 })],
]);
const METRICS = ['ndcg', 'ndcg@3', 'mrr', 'map', 'map@3', 'recall@3', 'precision@3', 'hit-rate@1'] as const;

describe('evaluating a run', () => {
  // Values of trec_eval 9 through pytrec-eval-terrier 0.5.11 on the same run and judgments.
  it.each([
    ['zero', 'q1', [0.4664276656682967, 0, 0.25, 0.2875, 0, 0, 0, 0]],
    ['zero', 'q2', [0.5, 0.5, 1 / 3, 1 / 3, 1 / 3, 1, 1 / 3, 0]],
    [
      'skipped',
      'q1',
      [0.640046747301565, 0.6074915180456525, 0.5, 0.47916666666666663, 0.29166666666666663, 0.5, 2 / 3, 0],
    ],
    ['skipped', 'q2', [0.6309297535714575, 0.6309297535714575, 0.5, 0.5, 0.5, 1, 1 / 3, 0]],
  ] as const)('gives trec_eval’s values where unjudged items are %s (%s)', (unjudged, query, expected) => {
    const { byQuery } = evaluateRun(RUN, JUDGMENTS, { metrics: METRICS, order: 'trec-eval', unjudged });
    METRICS.forEach((metric, index) => {
      expect(byQuery.get(query)?.[metric]).toBeCloseTo(expected[index] as number, 12);
    });
  });

  it('gives trec_eval’s MAP where relevance begins at a higher grade', () => {
    const options = { metrics: ['map'] as const, order: 'trec-eval' as const, relevantFrom: 2 };
    expect(evaluateRun(RUN, JUDGMENTS, options).byQuery.get('q1')?.map).toBeCloseTo(0.325, 12);
  });

  it('takes the list’s own order unless told otherwise', () => {
    const { byQuery } = evaluateRun(RUN, JUDGMENTS, { metrics: ['precision@2'] });
    expect(byQuery.get('q1')).toEqual({ 'precision@2': 0.5 });
  });

  it('counts a judged query without an answer as 0, or leaves it out when asked', () => {
    const run = new Map([['q2', hitsOf({ x: 1 })]]);
    expect(evaluateRun(run, JUDGMENTS, { metrics: ['mrr'] }).means).toEqual({ mrr: 0.5 });
    expect(evaluateRun(run, JUDGMENTS, { metrics: ['mrr'], unanswered: 'left-out' }).means).toEqual({ mrr: 1 });
  });

  it('refuses an answer that lists an item twice, and metrics that do not exist', () => {
    const twice = new Map([['q1', [...hitsOf({ a: 1 }), ...hitsOf({ a: 0.5 })]]]);
    expect(() => evaluateRun(twice, JUDGMENTS, { metrics: ['map'] })).toThrow(StudioError);
    for (const metric of ['ndcg@0', 'ndcg@1.5', 'precision'] as const)
      expect(() => evaluateRun(RUN, JUDGMENTS, { metrics: [metric] })).toThrow(StudioError);
  });
});

describe('trec_eval’s order', () => {
  it('does not depend on the order of the list', () => {
    const hits = fc.uniqueArray(fc.record({ id: fc.string(), score: fc.integer({ min: 0, max: 3 }) }), {
      selector: ({ id }) => id,
    });
    fc.assert(
      fc.property(hits, (list) => {
        expect(idsInOrder(list.toReversed(), 'trec-eval')).toEqual(idsInOrder(list, 'trec-eval'));
      }),
    );
  });

  it('breaks ties by the bytes of the id, last first', () => {
    // U+1F600 has the larger bytes, though its first UTF-16 unit is smaller than U+FF21.
    const ids = idsInOrder(hitsOf({ a: 1, '\u{1f600}': 1, '\uff21': 1, B: 1 }), 'trec-eval');
    expect(ids).toEqual(['\u{1f600}', '\uff21', 'a', 'B']);
  });
});
