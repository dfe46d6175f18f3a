import { reduction } from '../support/reduction.ts';

/** Every summand takes the gradient as it is. */
export const reduceSumRule = reduction('ReduceSum', ({ gradient }) => gradient);
