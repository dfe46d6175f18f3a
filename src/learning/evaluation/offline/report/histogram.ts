import type { Movement } from '../evaluation-result.ts';
import { signed, ticks } from './figures.ts';
import { type Html, html } from './html.ts';

const WIDTH = 640;
const HEIGHT = 150;
const LEFT = 44;
const RIGHT = 16;
const TOP = 10;
const AXIS = 26;

/** How far the queries that moved have moved: to the left the losers, to the right the winners. */
export function histogram({ histogram: bins, same }: Movement, title: string): Html {
  const first = bins[0]?.from ?? -1;
  const last = bins.at(-1)?.to ?? 1;
  const most = Math.max(1, ...bins.map(({ queries }) => queries));
  const x = (value: number): number => LEFT + ((value - first) / (last - first)) * (WIDTH - LEFT - RIGHT);
  const y = (count: number): number => TOP + (1 - count / most) * (HEIGHT - TOP);
  const place = (value: number): string => value.toFixed(1);
  const counts = ticks(0, most, 3).filter(Number.isInteger);
  return html`<svg viewBox="0 0 ${WIDTH} ${HEIGHT + AXIS}" role="img" aria-label="${title}; ${same} did not move">
    ${counts.map(
      (
        count,
      ) => html`<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${place(y(count))}" y2="${place(y(count))}"/>
      <text class="tick" x="${LEFT - 8}" y="${place(y(count) + 4)}" text-anchor="end">${count}</text>`,
    )}
    ${bins
      .filter(({ queries }) => queries > 0)
      .map(
        ({
          from,
          to,
          queries,
        }) => html`<g class="${from < 0 && to <= 1e-12 ? 'worse' : 'better'}"><title>${queries} moved by ${signed(from)} to ${signed(to)}</title>
      <rect x="${place(x(from) + 1)}" y="${place(y(queries))}" width="${place(Math.max(1, x(to) - x(from) - 2))}" height="${place(HEIGHT - y(queries))}" rx="2"/></g>`,
      )}
    <line class="zero" x1="${place(x(0))}" x2="${place(x(0))}" y1="${TOP}" y2="${HEIGHT}"/>
    ${ticks(first, last, 6).map(
      (tick) =>
        html`<text class="tick" x="${place(x(tick))}" y="${HEIGHT + 17}" text-anchor="middle">${tickText(tick)}</text>`,
    )}
  </svg>`;
}

const tickText = (tick: number): string => `${tick > 0 ? '+' : ''}${String(tick).replace('-', '−')}`;
