import type { ClickModel } from './click-model.ts';
import { ExaminationModel } from './examination-model.ts';
import type { PriorOptions } from './naive.ts';
import { allPairs, tabulate } from './pair-table.ts';
import { positionEffects } from './position-effects.ts';
import { type EmOptions, positionsByEm } from './position-em.ts';

export interface PositionBasedOptions extends PriorOptions {
  /**
   * Where the chances of a look come from: `fixed-effects` (the default, sound for few showings a pair), joint EM with a Beta prior, or
   * chances known from elsewhere.
   */
  readonly examination?: 'fixed-effects' | EmOptions | ReadonlyMap<number, number>;
}

/**
 * Position-based model (Richardson et al. 2007; Craswell et al. 2008): P(click) = examination(position) · attraction(query, item).
 * To tell the two apart it needs items that were shown at several positions: exploration, or rankings that changed.
 */
export const positionBased = ({
  prior = 'learned',
  examination = 'fixed-effects',
}: PositionBasedOptions = {}): ClickModel => ({
  name: 'position-based',
  fit(sessions) {
    const table = tabulate(sessions);
    const pairs = allPairs(table);
    const examinations =
      examination === 'fixed-effects'
        ? positionEffects(pairs)
        : 'strength' in examination
          ? positionsByEm(pairs, examination)
          : examination;
    return new ExaminationModel('position-based', table, examinations, prior);
  },
});
