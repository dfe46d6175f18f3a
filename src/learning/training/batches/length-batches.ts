import { createRandom } from '../../../foundation/core/random.ts';

export interface LengthBatchOptions {
  readonly rows: number;
  readonly seed: number;
}

/** So many batches are sorted by length together: enough to save padding, few enough that a batch stays a random one. */
const BATCHES_PER_WINDOW = 16;

/**
 * Endless batches of row numbers. Each epoch is shuffled; within windows of 16 batches rows are sorted by length, cut into
 * batches, and the batches shuffled. What does not fill a batch at the end of an epoch comes first in the next one.
 */
export function* lengthBatches(
  lengths: readonly number[],
  { rows, seed }: LengthBatchOptions,
): Generator<readonly number[], never, void> {
  const random = createRandom(seed);
  const everyRow = lengths.map((_, row) => row);
  let waiting: number[] = [];
  for (;;) {
    waiting = [...waiting, ...random.shuffle(everyRow)];
    while (waiting.length >= rows) {
      const whole = Math.min(BATCHES_PER_WINDOW, Math.floor(waiting.length / rows));
      const window = waiting.splice(0, whole * rows);
      window.sort((left, right) => (lengths[left] as number) - (lengths[right] as number));
      const batches = Array.from({ length: whole }, (_, at) => window.slice(at * rows, (at + 1) * rows));
      yield* random.shuffle(batches);
    }
  }
}
