const BARS = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/**
 * Numbers as a line of bars, from 0 to the largest; a blank where there is none.
 *
 * @example sparkline([0, 4, null, 8]) // '▁▅ █'
 */
export function sparkline(values: ReadonlyArray<number | null>): string {
  const most = values.reduce<number>((largest, value) => Math.max(largest, value ?? 0), 0);
  return values
    .map((value) => {
      if (value === null) return ' ';
      const height = most === 0 ? 0 : Math.round((value / most) * (BARS.length - 1));
      return BARS[height] ?? '█';
    })
    .join('');
}
