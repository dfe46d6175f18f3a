import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RunSummary } from '../../../../src/foundation/jobs/run.ts';
import { compareArms } from '../../../../src/learning/evaluation/offline/compare-arms.ts';
import type { EvaluationResult } from '../../../../src/learning/evaluation/offline/evaluation-result.ts';
import { evaluationReport } from '../../../../src/learning/evaluation/offline/report/evaluation-report.ts';
import { chance, figure, signed, ticks } from '../../../../src/learning/evaluation/offline/report/figures.ts';
import { html } from '../../../../src/learning/evaluation/offline/report/html.ts';

const run: RunSummary = {
  id: '0190163d-8694-739b-aea5-966c26f8ad91',
  kind: 'evaluation',
  collection: 'things',
  state: 'done',
  progress: null,
  error: null,
  cancelRequested: false,
  attempts: 1,
  createdAt: new Date('2026-05-01T12:00:00Z'),
  startedAt: new Date('2026-05-01T12:00:00Z'),
  endedAt: new Date('2026-05-01T12:01:00Z'),
};

/** A result with the same text in every place that holds one. */
function resultWith(text: string, arms: number): EvaluationResult {
  const queries = Array.from({ length: 30 }, (_, at) => ({ query: `${text} ${at}`, searches: at }));
  const column = (arm: number) => queries.map((_, at) => ((at * (arm + 3)) % 11) / 10);
  const figures = compareArms({
    queries,
    metrics: ['ndcg@10', 'mrr'],
    values: Array.from({ length: arms }, (_, arm) => ({
      'ndcg@10': column(arm),
      mrr: column(arm + 1),
      'judged@10': column(0),
    })),
    seed: 1,
  });
  return {
    collection: text,
    set: text,
    queries: queries.length,
    judgments: 300,
    metrics: ['ndcg@10', 'mrr'],
    unjudged: 'zero',
    gain: 'linear',
    relevantFrom: null,
    seed: 1,
    warnings: [text],
    arms: figures.map((arm, at) => ({
      ...arm,
      name: `${text}${at}`,
      collection: text,
      release: text,
      settings: { filter: { term: { [text]: text } } },
      unanswered: 0,
    })),
  };
}

const tagsOf = (page: string): string[] =>
  [...page.matchAll(/<\/?([a-z][a-z0-9]*)/gi)].map((match) => match[1] as string);

describe('the report of an evaluation', () => {
  it('shows a plot and a table per metric, and for each further arm a histogram, parts and queries', () => {
    const page = evaluationReport(resultWith('plain', 3), run);
    expect(page.match(/<svg /g)).toHaveLength(2 * 2 + 2);
    expect(page).toContain('plain1 against plain0');
    expect(page).toContain('plain2 against plain0');
    expect(page).toContain('Lost most');
    expect(page).not.toMatch(/NaN|undefined|Infinity|\[object/);
  });

  it('shows a single arm without comparisons', () => {
    const page = evaluationReport(resultWith('plain', 1), run);
    expect(page.match(/<svg /g)).toHaveLength(2);
    expect(page).not.toContain('against plain0');
  });

  it('holds no script and nothing from elsewhere, whatever the texts are', () => {
    const allowed = new Set(tagsOf(evaluationReport(resultWith('plain', 2), run)));
    const evil = fc.constantFrom(
      '<script>alert(1)</script>',
      '"><img src=x onerror=alert(1)>',
      "'<svg onload=a>",
      '</style><b>',
      '&lt;i&gt;',
    );
    fc.assert(
      fc.property(fc.oneof(evil, fc.string({ minLength: 1, maxLength: 30 })), (text) => {
        const page = evaluationReport(resultWith(text, 2), run);
        expect(tagsOf(page).filter((tag) => !allowed.has(tag))).toEqual([]);
        expect(
          page.match(/(src|href)=|url\(|@import/g)?.filter(() => !text.match(/src|href|url|import/)) ?? [],
        ).toEqual([]);
      }),
      { numRuns: 40 },
    );
  });
});

describe('figures of a report', () => {
  it('are short and have a true minus sign', () => {
    expect([figure(0.12345), figure(-0.5), figure(-0.0001), signed(0.25), signed(-0.25), signed(0)]).toEqual([
      '0.123',
      '−0.500',
      '0.000',
      '+0.250',
      '−0.250',
      '0.000',
    ]);
    expect([chance(0.0004), chance(0.0312), chance(1)]).toEqual(['< .001', '.031', '1.000']);
  });

  it('have ticks within the axis, in order, evenly apart and not too many', () => {
    const bound = fc.double({ min: -100, max: 100, noNaN: true });
    fc.assert(
      fc.property(bound, fc.double({ min: 0.001, max: 100, noNaN: true }), (low, length) => {
        const marks = ticks(low, low + length);
        expect(marks.length).toBeLessThanOrEqual(7);
        for (const mark of marks) {
          expect(mark).toBeGreaterThanOrEqual(low - length * 1e-6);
          expect(mark).toBeLessThanOrEqual(low + length * (1 + 1e-6));
        }
        expect(marks).toEqual(marks.toSorted((left, right) => left - right));
      }),
    );
  });

  it('are escaped unless they are markup already', () => {
    expect(html`<p title="${'"'}">${'<b>&'}${html`<i>${3}</i>`}${[html`a`, html`b`]}</p>`.html).toBe(
      '<p title="&quot;">&lt;b&gt;&amp;<i>3</i>ab</p>',
    );
  });
});
