import { flatten } from './flat-cells.ts';
import type { Pair } from './pair-table.ts';

export interface EmOptions {
  /** Beta prior of every attraction: mean, and strength in looks. */
  readonly mean: number;
  readonly strength: number;
  readonly rounds?: number;
}

/**
 * Chance that each position is looked at, relative to the first, by expectation-maximisation of examination and attraction together
 * (Richardson et al. 2007; Chuklin, Markov and de Rijke 2015, section 4.2). Needs many showings a pair: see `positionEffects`.
 */
export function positionsByEm(
  pairs: readonly Pair[],
  { mean, strength, rounds = 200 }: EmOptions,
): Map<number, number> {
  const { positions, starts, place, shown, clicked } = flatten(pairs);
  const examinations = Float64Array.from(positions, (position) => (positions[0] ?? 1) / position);
  const attractions = new Float64Array(pairs.length).fill(mean);
  for (let round = 0; round < rounds; round++) {
    const looked = new Float64Array(positions.length);
    const showings = new Float64Array(positions.length);
    for (let pair = 0; pair < pairs.length; pair++) {
      const attraction = attractions[pair]!;
      let attracted = mean * strength;
      let total = strength;
      for (let cell = starts[pair]!; cell < starts[pair + 1]!; cell++) {
        const at = place[cell]!;
        const examination = examinations[at]!;
        const unclicked = shown[cell]! - clicked[cell]!;
        // What a missing click leaves possible: looked at and not attracted, or attracted and not looked at.
        const missing = 1 - Math.min(1 - 1e-12, examination * attraction);
        attracted += clicked[cell]! + (unclicked * attraction * (1 - examination)) / missing;
        looked[at]! += clicked[cell]! + (unclicked * examination * (1 - attraction)) / missing;
        total += shown[cell]!;
        showings[at]! += shown[cell]!;
      }
      attractions[pair] = attracted / total;
    }
    for (let at = 0; at < positions.length; at++) examinations[at] = looked[at]! / showings[at]!;
  }
  return new Map(positions.map((position, at) => [position, Math.min(1, examinations[at]! / examinations[0]!)]));
}
