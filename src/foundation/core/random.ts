/** A seeded source of randomness. The same seed gives the same sequence on every machine. */
export interface Random {
  /** Uniform in [0, 1). */
  next(): number;
  /** Uniform integer in [0, below). */
  integer(below: number): number;
  /** A shuffled copy. */
  shuffle<T>(values: readonly T[]): T[];
}

/**
 * Seeded generator: sfc32 (Chris Doty-Humphrey, PractRand), seeded by splitmix32.
 *
 * @example createRandom(7).integer(6) // a die, the same one every time
 */
export function createRandom(seed: number): Random {
  let state = seed | 0;
  const split = (): number => {
    state = (state + 0x9e3779b9) | 0;
    let z = state ^ (state >>> 16);
    z = Math.imul(z, 0x21f0aaad);
    z ^= z >>> 15;
    z = Math.imul(z, 0x735a2d97);
    return (z ^ (z >>> 15)) | 0;
  };
  let a = split();
  let b = split();
  let c = split();
  let counter = 1;
  const next = (): number => {
    const t = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + t) | 0;
    return (t >>> 0) / 4294967296;
  };
  for (let i = 0; i < 12; i++) next();
  const integer = (below: number): number => Math.floor(next() * below);
  return {
    next,
    integer,
    shuffle<T>(values: readonly T[]): T[] {
      const copy = [...values];
      for (let i = copy.length - 1; i > 0; i--) {
        const j = integer(i + 1);
        const kept = copy[i] as T;
        copy[i] = copy[j] as T;
        copy[j] = kept;
      }
      return copy;
    },
  };
}
