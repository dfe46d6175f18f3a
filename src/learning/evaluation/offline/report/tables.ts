import type { ArmResult, EvaluationResult, MovedQuery, Movement } from '../evaluation-result.ts';
import { chance, figure, share, signed } from './figures.ts';
import { type Html, html, NOTHING } from './html.ts';

/** Read at 5 %, after the adjustment for several arms. */
const LEVEL = 0.05;

export type Tone = 'better' | 'worse' | 'neutral';

/** Whether the difference is more than chance, and in which direction. */
export const toneOf = (difference: { readonly mean: number; readonly adjusted: number } | null): Tone =>
  difference === null || difference.adjusted >= LEVEL ? 'neutral' : difference.mean > 0 ? 'better' : 'worse';

export function metricTable({ arms }: EvaluationResult, metric: string): Html {
  return html`<div class="scroll"><table>
  <tr><th>Arm</th><th>Mean</th><th>95 % interval</th><th>Difference</th><th>95 % interval</th><th>p</th><th>p, adjusted</th></tr>
  ${arms.map((arm) => metricRow(arm, metric))}
  </table></div>`;
}

function metricRow({ name, metrics }: ArmResult, metric: string): Html {
  const figures = metrics[metric];
  if (figures === undefined) return NOTHING;
  const { difference } = figures;
  const cells =
    difference === null
      ? html`<td></td><td></td><td></td><td></td>`
      : html`<td class="${toneOf(difference)}">${signed(difference.mean)}</td>
      <td>${signed(difference.low)} to ${signed(difference.high)}</td>
      <td>${chance(difference.pValue)}</td><td>${chance(difference.adjusted)}</td>`;
  return html`<tr class="${difference === null ? 'baseline' : ''}"><td>${name}</td><td>${figure(figures.mean)}</td>
    <td>${figure(figures.low)} to ${figure(figures.high)}</td>${cells}</tr>`;
}

export function armTable({ arms, queries }: EvaluationResult): Html {
  return html`<div class="scroll"><table>
  <tr><th>Arm</th><th class="text">Collection</th><th class="text">Settings</th><th>Judged of first 10</th><th>Without a hit</th></tr>
  ${arms.map(
    ({ name, collection, settings, judged, unanswered }) => html`<tr><td>${name}</td><td class="text">${collection}</td>
    <td class="text">${settingsText(settings)}</td><td>${share(judged)}</td><td>${unanswered} of ${queries}</td></tr>`,
  )}
  </table></div>`;
}

function settingsText(settings: object): string {
  const given = Object.entries(settings).filter(([, value]) => value !== undefined);
  if (given.length === 0) return 'as the collection has them';
  return given.map(([key, value]) => `${key} ${typeof value === 'object' ? JSON.stringify(value) : value}`).join(', ');
}

export function sliceTable({ slices }: Movement): Html {
  if (slices.length === 0) return html`<p class="soft">No slice has 20 queries.</p>`;
  return html`<div class="scroll"><table>
  <tr><th>Queries</th><th>Number</th><th>Difference</th><th>95 % interval</th><th>p, adjusted</th></tr>
  ${slices.map(({ name, queries, interval, pValue }) => {
    const tone = toneOf({ mean: interval.mean, adjusted: pValue });
    return html`<tr><td>${SLICE_NAMES[name] ?? name}</td><td>${queries}</td><td class="${tone}">${signed(interval.mean)}</td>
    <td>${signed(interval.low)} to ${signed(interval.high)}</td><td>${chance(pValue)}</td></tr>`;
  })}
  </table></div>`;
}

const SLICE_NAMES: Readonly<Record<string, string>> = {
  head: 'head: the most asked, half of all searches',
  tail: 'tail: all others',
};

export function queryTable(title: string, queries: readonly MovedQuery[]): Html {
  if (queries.length === 0) return html`<h3>${title}</h3><p class="soft">None.</p>`;
  return html`<h3>${title}</h3><div class="scroll"><table>
  <tr><th>Query</th><th>Baseline</th><th>Arm</th><th>Difference</th></tr>
  ${queries.map(
    ({ query, baseline, value }) => html`<tr><td>${query}</td><td>${figure(baseline)}</td><td>${figure(value)}</td>
    <td class="${value > baseline ? 'better' : 'worse'}">${signed(value - baseline)}</td></tr>`,
  )}
  </table></div>`;
}
