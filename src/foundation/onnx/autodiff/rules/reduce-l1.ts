import { reduction } from '../support/reduction.ts';

/** d Σ|x| = sign(x) dx. */
export const reduceL1Rule = reduction('ReduceL1', ({ builder, input, gradient }) =>
  builder.mul(builder.unary('Sign', input), gradient),
);
