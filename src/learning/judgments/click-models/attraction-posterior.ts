import type { Estimate } from './click-model.ts';

/** Looks of one kind at a pair: `shown` times, each looked at with chance `examination`, `clicked` of them clicked. */
export interface LookCell {
  readonly examination: number;
  readonly shown: number;
  readonly clicked: number;
}

/** How attraction is spread over pairs before any of them is seen: weights over the grid of attractions, summing to 1. */
export type AttractionPrior = Float64Array;

/**
 * `learned` from all pairs (nonparametric maximum likelihood, Kiefer and Wolfowitz 1956, by EM after Laird 1978), or a Beta
 * distribution given by its mean and its strength in looks.
 */
export type PriorChoice = 'learned' | { readonly mean: number; readonly strength: number };

const STEPS = 40;
const GRID = Float64Array.from({ length: STEPS }, (_, step) => (step + 0.5) / STEPS);
/** Rounds of EM; more of them sharpen the prior towards a few kinds of items without changing what it says on average. */
const EM_ROUNDS = 60;
/** The start counts as this many pairs: a few pairs alone would make a prior that is sure of what they happened to show. */
const START_PAIRS = 20;
/** A prior is not known better from more pairs than these. */
const MOST_PAIRS = 20_000;

/** The prior that the pairs' looks make most likely. */
export function priorOf(pairs: ReadonlyArray<readonly LookCell[]>, choice: PriorChoice): AttractionPrior {
  if (choice !== 'learned') return betaPrior(choice.mean, choice.strength);
  const step = Math.ceil(pairs.length / MOST_PAIRS);
  const sampled = pairs.filter((_, index) => index % step === 0);
  // Started at the overall rate: where most pairs were hardly looked at, EM takes long to come down from anywhere else.
  const start = betaPrior(overallRate(sampled.flat()), 2);
  let prior = start;
  const likelihoods = sampled.map(likelihoodOf);
  for (let round = 0; round < EM_ROUNDS && sampled.length > 0; round++) {
    const next = new Float64Array(STEPS);
    for (const likelihood of likelihoods) {
      let total = 0;
      for (let index = 0; index < STEPS; index++) total += prior[index]! * likelihood[index]!;
      for (let index = 0; index < STEPS; index++) next[index]! += (prior[index]! * likelihood[index]!) / total;
    }
    prior = next.map((weight, index) => (weight + START_PAIRS * start[index]!) / (sampled.length + START_PAIRS));
  }
  return prior;
}

/** Clicks over looks, kept off 0 and 1 by one look of either outcome. */
function overallRate(cells: readonly LookCell[]): number {
  const looks = cells.reduce((sum, { examination, shown }) => sum + examination * shown, 0);
  const clicks = cells.reduce((sum, { clicked }) => sum + clicked, 0);
  return Math.min(0.95, (clicks + 1) / (looks + 2));
}

/** What a pair's looks and the prior say together: P(click | shown) = examination · attraction for every look. */
export function attractionOf(cells: readonly LookCell[], prior: AttractionPrior): Estimate {
  const likelihood = likelihoodOf(cells);
  const posterior = prior.map((weight, step) => weight * likelihood[step]!);
  const total = posterior.reduce((sum, weight) => sum + weight, 0);
  const mean = posterior.reduce((sum, weight, step) => sum + weight * GRID[step]!, 0) / total;
  const variance = posterior.reduce((sum, weight, step) => sum + weight * (GRID[step]! - mean) ** 2, 0) / total;
  const support = cells.reduce((sum, { examination, shown }) => sum + examination * shown, 0);
  return { mean, deviation: Math.sqrt(variance), support };
}

/** Scaled so that the largest is 1. */
function likelihoodOf(cells: readonly LookCell[]): Float64Array {
  const logs = GRID.map((attraction) =>
    cells.reduce((sum, { examination, shown, clicked }) => {
      const chance = Math.min(1 - 1e-9, examination * attraction);
      return sum + clicked * Math.log(chance) + (shown - clicked) * Math.log1p(-chance);
    }, 0),
  );
  const most = logs.reduce((left, right) => Math.max(left, right));
  return logs.map((log) => Math.exp(log - most));
}

function betaPrior(mean: number, strength: number): AttractionPrior {
  const density = GRID.map((value) => value ** (mean * strength - 1) * (1 - value) ** ((1 - mean) * strength - 1));
  const total = density.reduce((sum, value) => sum + value, 0);
  return density.map((value) => value / total);
}
