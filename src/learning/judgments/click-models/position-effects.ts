import { type FlatCells, flatten } from './flat-cells.ts';
import type { Pair } from './pair-table.ts';

/** Clicks at the first position that the assumed 1/position weighs against those of the log. */
const PRIOR_CLICKS = 20;
const ROUNDS = 500;

/**
 * Chance that each position is looked at, relative to the first, from pairs that were shown at several positions.
 *
 * The mean number of clicks of a pair at a position is attraction · examination. With an effect for every pair and every position this is
 * Poisson regression with fixed effects, whose estimate is consistent for any distribution with that mean, however few showings a pair
 * has (Hausman, Hall and Griliches 1984; Wooldridge 1999); fitted by alternating: attraction = clicks / Σ shown · examination,
 * examination = clicks / Σ shown · attraction. The joint EM of attraction and examination is not consistent so: with few showings a
 * pair its prior, or noise, leaks into the positions. Pairs that always stood at one position say nothing; where no pair
 * moved, the answer is 1/position, which measured about as good as the truth for debiasing.
 */
export function positionEffects(pairs: readonly Pair[]): Map<number, number> {
  const { positions } = flatten(pairs);
  const moved = flatten(pairs.filter(({ cells }) => cells.length > 1 && cells.some(({ clicked }) => clicked > 0)));
  const places = moved.positions.map((position) => positions.indexOf(position));
  // The prior is a pair that was seen at every position and clicked as 1/position says, in the same units as the log.
  const assumed = Float64Array.from(positions, (position) => (positions[0] ?? 1) / position);
  let effects = assumed;
  for (let round = 0; round < ROUNDS; round++) {
    const { clicked, expected } = countClicks(moved, places, effects);
    const next = effects.map((_, at) => (clicked[at]! + PRIOR_CLICKS * assumed[at]!) / (expected[at]! + PRIOR_CLICKS));
    const scaled = next.map((effect) => effect / next[0]!);
    const change = scaled.reduce((most, effect, at) => Math.max(most, Math.abs(effect - effects[at]!)), 0);
    effects = scaled;
    if (change < 1e-7) break;
  }
  return new Map(positions.map((position, at) => [position, Math.min(1, effects[at]!)]));
}

/** By position: clicks, and looks times the attraction that all clicks of the pair amount to. */
function countClicks(cells: FlatCells, places: readonly number[], effects: Float64Array) {
  const clicked = new Float64Array(effects.length);
  const expected = new Float64Array(effects.length);
  for (let pair = 0; pair + 1 < cells.starts.length; pair++) {
    const [start, end] = [cells.starts[pair]!, cells.starts[pair + 1]!];
    let clicks = 0;
    let looks = 0;
    for (let cell = start; cell < end; cell++) {
      clicks += cells.clicked[cell]!;
      looks += cells.shown[cell]! * effects[places[cells.place[cell]!]!]!;
    }
    for (let cell = start; cell < end; cell++) {
      const at = places[cells.place[cell]!]!;
      clicked[at]! += cells.clicked[cell]!;
      expected[at]! += (cells.shown[cell]! * clicks) / looks;
    }
  }
  return { clicked, expected };
}
