import { reduction } from '../support/reduction.ts';

/** d ln Σeˣ = softmax(x) dx. */
export const reduceLogSumExpRule = reduction('ReduceLogSumExp', ({ builder, input, output, gradient }) =>
  builder.mul(builder.unary('Exp', builder.sub(input, output)), gradient),
);
