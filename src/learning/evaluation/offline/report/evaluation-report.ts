import type { RunSummary } from '../../../../foundation/jobs/run.ts';
import type { ArmResult, EvaluationResult } from '../evaluation-result.ts';
import { histogram } from './histogram.ts';
import { type Html, html, NOTHING } from './html.ts';
import { intervalPlot } from './interval-plot.ts';
import { STYLE } from './style.ts';
import { armTable, metricTable, queryTable, sliceTable, toneOf } from './tables.ts';

/** The result as one page: no script, nothing loaded from anywhere, every text escaped. */
export function evaluationReport(result: EvaluationResult, { id, endedAt }: RunSummary): string {
  const { collection, set, arms, metrics, warnings } = result;
  const page = html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Evaluation of ${collection}</title><style>${{ html: STYLE }}</style></head><body>
<h1>Evaluation of ${collection}</h1>
<p class="soft">${set === null ? 'Judgments sent with the request' : `Judgment set ${set}`} · ${endedAt?.toISOString().slice(0, 16).replace('T', ' ') ?? ''} UTC · run ${id}</p>
${facts(result)}
${warnings.map((warning) => html`<p class="note">${warning}</p>`)}
<h2>The arms</h2>
${armTable(result)}
${metrics.map((metric) => metricSection(result, metric))}
${arms.slice(1).map((arm) => movementSection(arm, arms[0]?.name ?? '', metrics[0] ?? ''))}
<h2>How to read this</h2>
<p>Each interval holds the true mean in about 95 of 100 evaluations like this one (studentised bootstrap over queries). p is the share
of sign patterns of the per-query differences that would look at least as strong by chance (paired permutation test); adjusted for
the number of arms, or of slices (Holm). Coloured is what is below .05 after the adjustment. All of it holds for one look:
who evaluates until it fits finds chance.</p>
</body></html>
`;
  return page.html;
}

function facts({ queries, judgments, unjudged, gain, relevantFrom, seed }: EvaluationResult): Html {
  const entries: Array<readonly [string, string]> = [
    ['Queries', queries.toLocaleString('en')],
    ['Judgments', judgments.toLocaleString('en')],
    ['Unjudged hits', unjudged === 'zero' ? 'not relevant' : 'left out'],
    ['Gain of nDCG', gain],
    ['Relevant from grade', relevantFrom === null ? 'above 0' : String(relevantFrom)],
    ['Seed', String(seed)],
  ];
  return html`<dl>${entries.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;
}

function metricSection(result: EvaluationResult, metric: string): Html {
  const rows = result.arms.flatMap(({ name, metrics }) => {
    const figures = metrics[metric];
    return figures === undefined ? [] : [{ name, interval: figures, difference: figures.difference }];
  });
  const differences = rows.flatMap(({ name, difference }) =>
    difference === null ? [] : [{ name, interval: difference, tone: toneOf(difference) }],
  );
  const means = rows.map(({ name, interval, difference }) => ({ name, interval, tone: toneOf(difference) }));
  return html`<h2>${metric}</h2>
<figure><figcaption>Mean</figcaption>${intervalPlot(means, `Means of ${metric} with intervals`, false)}</figure>
${
  differences.length === 0
    ? NOTHING
    : html`<figure><figcaption>Difference to ${rows[0]?.name ?? ''}, query by query</figcaption>${intervalPlot(differences, `Differences of ${metric} with intervals`, true)}</figure>`
}
${metricTable(result, metric)}`;
}

function movementSection({ name, movement }: ArmResult, baseline: string, metric: string): Html {
  if (movement === null) return NOTHING;
  const { better, same, worse } = movement;
  return html`<h2>${name} against ${baseline}</h2>
<p>By ${metric}, ${better} queries are better, ${worse} worse, ${same} as before.</p>
${better + worse === 0 ? NOTHING : html`<figure><figcaption>Queries by how far they moved</figcaption>${histogram(movement, `Queries by difference of ${metric}`)}</figure>`}
<h3>By part</h3>
${sliceTable(movement)}
${queryTable('Lost most', movement.mostWorse)}
${queryTable('Gained most', movement.mostBetter)}`;
}
