import type { ClickModel } from './click-model.ts';
import { ExaminationModel } from './examination-model.ts';
import type { PriorOptions } from './naive.ts';
import { allPairs, type Pair, tabulate } from './pair-table.ts';

/**
 * Clicks over expected clicks (Zhang and Jones 2007): a position's click rate stands for the chance of a look. It takes the merit of the
 * ranking for a habit of the eyes: the better the ranking, the more it discounts what stands on top.
 */
export const coec = ({ prior = 'learned' }: PriorOptions = {}): ClickModel => ({
  name: 'coec',
  fit(sessions) {
    const table = tabulate(sessions);
    return new ExaminationModel('coec', table, clickRates(allPairs(table)), prior);
  },
});

/** Click rate of each position over the highest of them, smoothed by one click at the mean rate. */
function clickRates(pairs: readonly Pair[]): Map<number, number> {
  const sums = new Map<number, { shown: number; clicked: number }>();
  for (const { cells } of pairs) {
    for (const { position, shown, clicked } of cells) {
      const sum = sums.get(position) ?? { shown: 0, clicked: 0 };
      sums.set(position, { shown: sum.shown + shown, clicked: sum.clicked + clicked });
    }
  }
  const all = [...sums.values()];
  const clicks = all.reduce((sum, { clicked }) => sum + clicked, 0);
  const mean = (clicks + 1) / (all.reduce((sum, { shown }) => sum + shown, 0) + 1);
  const rates = [...sums].map(
    ([position, { shown, clicked }]) => [position, (clicked + 1) / (shown + 1 / mean)] as const,
  );
  const highest = Math.max(...rates.map(([, rate]) => rate));
  return new Map(rates.map(([position, rate]) => [position, rate / highest]));
}
