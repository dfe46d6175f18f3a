import { elementwise } from '../support/elementwise.ts';
import { zerosLike } from '../support/zeros.ts';

/** Constant between its jumps: its gradient is zero. */
export const ceilRule = elementwise('Ceil', ({ builder, input }) => zerosLike(builder, input));
