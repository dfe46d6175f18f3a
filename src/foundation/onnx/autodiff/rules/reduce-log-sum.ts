import { reduction } from '../support/reduction.ts';

/** d ln Σx = dx / Σx. */
export const reduceLogSumRule = reduction('ReduceLogSum', ({ builder, output, gradient }) =>
  builder.div(gradient, builder.unary('Exp', output)),
);
