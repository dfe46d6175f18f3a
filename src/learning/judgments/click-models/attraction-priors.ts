import {
  type AttractionPrior,
  attractionOf,
  type LookCell,
  type PriorChoice,
  priorOf,
} from './attraction-posterior.ts';
import type { Estimate } from './click-model.ts';

/** A pair's looks, and how much it was exposed before anybody clicked: looks to be expected from where it was shown. */
export interface Evidence {
  readonly cells: readonly LookCell[];
  readonly exposure: number;
}

interface Stratum {
  /** The largest exposure in it. */
  readonly upTo: number;
  readonly prior: AttractionPrior;
}

const STRATA = 5;
/** Fewer pairs do not make a prior of their own. */
const LEAST_PAIRS = 200;

/**
 * Priors of attraction by exposure. A ranking shows most what it thinks best, so what was hardly shown is worse on average; one prior for all
 * would be that of the well-known pairs, and flatter the others. (Exposure comes from the ranking and not from this pair's clicks.)
 */
export class AttractionPriors {
  readonly #strata: readonly Stratum[];

  constructor(pairs: readonly Evidence[], choice: PriorChoice) {
    const sorted = [...pairs].sort((left, right) => left.exposure - right.exposure);
    const count = choice === 'learned' ? Math.max(1, Math.min(STRATA, Math.floor(pairs.length / LEAST_PAIRS))) : 1;
    this.#strata = Array.from({ length: count }, (_, index) => {
      const members = sorted.slice((index * sorted.length) / count, ((index + 1) * sorted.length) / count);
      const cells = members.map((member) => member.cells);
      return { upTo: members.at(-1)?.exposure ?? 0, prior: priorOf(cells, choice) };
    });
  }

  estimate({ cells, exposure }: Evidence): Estimate {
    const stratum = this.#strata.find(({ upTo }) => exposure <= upTo) ?? this.#strata.at(-1);
    return attractionOf(cells, (stratum as Stratum).prior);
  }
}
