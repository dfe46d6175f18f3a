/** Lengths are multiples of it. Of short texts, 8 would pad a fifth more; fewer shapes come from the choice of buckets. */
const STEP = 4;

export const roundUp = (length: number): number => Math.max(STEP, Math.ceil(length / STEP) * STEP);

/**
 * The lengths that batches are padded to: at most `count` multiples of 4, chosen so that the batches with these `needed`
 * lengths are padded least, and the longest among them. Each length is a graph that must be compiled.
 *
 * @example bucketLengths([5, 6, 7, 30], 2) // [8, 32]
 */
export function bucketLengths(needed: readonly number[], count: number): number[] {
  const tally = new Map<number, number>();
  for (const length of needed) tally.set(roundUp(length), (tally.get(roundUp(length)) ?? 0) + 1);
  const lengths = [...tally.keys()].sort((left, right) => left - right);
  // best[k][j]: least padding of the first j + 1 lengths with k buckets, the last of which is lengths[j].
  const padding = (from: number, to: number): number =>
    lengths
      .slice(from, to + 1)
      .reduce((sum, length) => sum + ((lengths[to] as number) - length) * (tally.get(length) as number), 0);
  let best = lengths.map((_, at) => ({ cost: padding(0, at), chosen: [lengths[at] as number] }));
  for (let buckets = 2; buckets <= Math.min(count, lengths.length); buckets++) {
    best = lengths.map((length, at) => {
      let least = best[at] as (typeof best)[number];
      for (let before = 0; before < at; before++) {
        const shorter = best[before] as (typeof best)[number];
        const cost = shorter.cost + padding(before + 1, at);
        if (cost < least.cost) least = { cost, chosen: [...shorter.chosen, length] };
      }
      return least;
    });
  }
  return best.at(-1)?.chosen ?? [STEP];
}

/** The shortest bucket that holds `length`; what exceeds all of them gets the next multiple of 4. */
export const bucketFor = (buckets: readonly number[], length: number): number =>
  buckets.find((bucket) => bucket >= length) ?? roundUp(length);
