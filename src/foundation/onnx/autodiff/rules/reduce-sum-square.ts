import { scale } from '../support/numbers.ts';
import { reduction } from '../support/reduction.ts';

/** d Σx² = 2 x dx. */
export const reduceSumSquareRule = reduction('ReduceSumSquare', ({ builder, input, gradient }) =>
  builder.mul(input, scale(builder, gradient, 2)),
);
