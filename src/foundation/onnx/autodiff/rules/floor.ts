import { elementwise } from '../support/elementwise.ts';
import { zerosLike } from '../support/zeros.ts';

/** Constant between its jumps: its gradient is zero. */
export const floorRule = elementwise('Floor', ({ builder, input }) => zerosLike(builder, input));
