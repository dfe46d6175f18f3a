import type { Interval } from '../src/learning/evaluation/bootstrap.ts';

/** A plain text table; the first column is left-aligned, the others right unless said otherwise. */
export function table(
  header: readonly string[],
  rows: ReadonlyArray<readonly string[]>,
  others: 'left' | 'right' = 'right',
): string {
  const all = [header, ...rows];
  const widths = header.map((_, column) => Math.max(...all.map((row) => (row[column] ?? '').length)));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => {
        const width = widths[column] as number;
        return column === 0 || others === 'left' ? cell.padEnd(width) : cell.padStart(width);
      })
      .join('   ')
      .trimEnd();
  return [line(header), widths.map((width) => '─'.repeat(width)).join('   '), ...rows.map(line)].join('\n');
}

const fixed = (value: number): string => value.toFixed(3).replace(/^(-?)0\./, '$1.');
const signed = (value: number): string => `${value < 0 ? '−' : '+'}${fixed(Math.abs(value))}`;

/** `.476 [.459, .493]` */
export const level = (interval: Interval): string =>
  `${fixed(interval.mean)} [${fixed(interval.low)}, ${fixed(interval.high)}]`;

/** `+.032 [+.029, +.035]` */
export const gain = (interval: Interval): string =>
  `${signed(interval.mean)} [${signed(interval.low)}, ${signed(interval.high)}]`;

/** A horizontal bar for a figure between 0 and `most`. */
export const bar = (value: number, most: number, width = 40): string => {
  const eighths = Math.round((Math.max(0, value) / most) * width * 8);
  return '█'.repeat(Math.floor(eighths / 8)) + (eighths % 8 === 0 ? '' : ('▏▎▍▌▋▊▉'[(eighths % 8) - 1] as string));
};
