import type { FittedClickModel } from './click-model.ts';
import type { ClickSession } from './click-session.ts';

export interface Perplexity {
  /** Between 1 (knows every click) and 2 (a coin), and above for a model that is sure and wrong; mean over positions. */
  readonly mean: number;
  readonly byPosition: ReadonlyMap<number, number>;
}

/** No model may call a click impossible: one surprise would weigh more than all the rest. */
const LEAST = 1e-4;

/**
 * Perplexity of click predictions (Dupret and Piwowarski 2008): 2 to the mean of −log₂ P(what happened), by position. Each prediction
 * knows the clicks above it, so the sum over a page is its log-likelihood, and models of scanning are not wronged.
 */
export function perplexityOf(model: FittedClickModel, sessions: readonly ClickSession[]): Perplexity {
  const sums = new Map<number, { bits: number; weight: number }>();
  for (const session of sessions) {
    model.clickChances(session).forEach((chance, index) => {
      const bounded = Math.min(1 - LEAST, Math.max(LEAST, chance));
      const bits = -Math.log2(session.clicks[index] === true ? bounded : 1 - bounded);
      const position = session.firstPosition + index;
      const sum = sums.get(position) ?? { bits: 0, weight: 0 };
      sums.set(position, { bits: sum.bits + session.weight * bits, weight: sum.weight + session.weight });
    });
  }
  const byPosition = new Map([...sums].map(([position, { bits, weight }]) => [position, 2 ** (bits / weight)]));
  const values = [...byPosition.values()];
  return { mean: values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length), byPosition };
}
