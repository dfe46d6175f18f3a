import type { Random } from '../../../foundation/core/random.ts';

/** Normally distributed numbers of mean 0 (Box and Muller 1958). */
export function gaussian(count: number, deviation: number, random: Random): Float32Array {
  const values = new Float32Array(count);
  for (let at = 0; at < count; at += 2) {
    const radius = deviation * Math.sqrt(-2 * Math.log(1 - random.next()));
    const angle = 2 * Math.PI * random.next();
    values[at] = radius * Math.cos(angle);
    if (at + 1 < count) values[at + 1] = radius * Math.sin(angle);
  }
  return values;
}
