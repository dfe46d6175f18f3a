import { scale } from '../support/numbers.ts';
import { reduction } from '../support/reduction.ts';

/** Each of n elements takes the n-th part. */
export const reduceMeanRule = reduction('ReduceMean', ({ builder, gradient, count }) =>
  scale(builder, gradient, 1 / count),
);
