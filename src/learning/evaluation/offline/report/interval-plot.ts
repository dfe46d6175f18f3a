import type { Interval } from '../../bootstrap.ts';
import { figure, ticks } from './figures.ts';
import { type Html, html, NOTHING } from './html.ts';

export interface IntervalRow {
  readonly name: string;
  readonly interval: Interval;
  /** Colours it: better, worse, or nothing known. */
  readonly tone: 'better' | 'worse' | 'neutral';
}

const WIDTH = 640;
const LABELS = 170;
const RIGHT = 24;
const ROW = 30;
const AXIS = 26;
const LABEL_LENGTH = 22;

/** A dot for each mean with its interval as a line, all on one axis; with a line at 0 for differences. */
export function intervalPlot(rows: readonly IntervalRow[], title: string, withZero: boolean): Html {
  const ends = rows.flatMap(({ interval }) => [interval.low, interval.high, interval.mean]);
  if (withZero) ends.push(0);
  const [lowest, highest] = [Math.min(...ends), Math.max(...ends)];
  const margin = Math.max(0.005, (highest - lowest) * 0.08);
  const [low, high] = [lowest - margin, highest + margin];
  const x = (value: number): string => (LABELS + ((value - low) / (high - low)) * (WIDTH - LABELS - RIGHT)).toFixed(1);
  const bottom = rows.length * ROW + 4;
  return html`<svg viewBox="0 0 ${WIDTH} ${bottom + AXIS}" role="img" aria-label="${title}">
    ${ticks(low, high).map(
      (tick) => html`<line class="grid" x1="${x(tick)}" x2="${x(tick)}" y1="0" y2="${bottom}"/>
      <text class="tick" x="${x(tick)}" y="${bottom + 17}" text-anchor="middle">${tickText(tick)}</text>`,
    )}
    ${withZero ? html`<line class="zero" x1="${x(0)}" x2="${x(0)}" y1="0" y2="${bottom}"/>` : NOTHING}
    ${rows.map(({ name, interval, tone }, at) => {
      const y = at * ROW + ROW / 2 + 2;
      return html`<g class="${tone}"><title>${name}: ${figure(interval.mean)} (${figure(interval.low)} to ${figure(interval.high)})</title>
      <text class="name" x="${LABELS - 14}" y="${y + 4}" text-anchor="end">${cut(name)}</text>
      <line class="interval" x1="${x(interval.low)}" x2="${x(interval.high)}" y1="${y}" y2="${y}"/>
      <circle cx="${x(interval.mean)}" cy="${y}" r="5"/></g>`;
    })}
  </svg>`;
}

const tickText = (value: number): string => String(value).replace('-', '−');
const cut = (name: string): string => (name.length > LABEL_LENGTH ? `${name.slice(0, LABEL_LENGTH - 1)}…` : name);
