import type { PriorChoice } from './attraction-posterior.ts';
import type { ClickModel } from './click-model.ts';
import { ExaminationModel } from './examination-model.ts';
import { allPairs, tabulate } from './pair-table.ts';

export interface PriorOptions {
  readonly prior?: PriorChoice;
}

/** Clicks over showings, as if everything shown were looked at. Right only where the order says nothing. */
export const naive = ({ prior = 'learned' }: PriorOptions = {}): ClickModel => ({
  name: 'naive',
  fit(sessions) {
    const table = tabulate(sessions);
    const positions = allPairs(table).flatMap(({ cells }) => cells.map(({ position }) => position));
    return new ExaminationModel('naive', table, new Map(positions.map((position) => [position, 1])), prior);
  },
});
