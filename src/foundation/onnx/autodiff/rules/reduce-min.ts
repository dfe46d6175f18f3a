import { extremum } from '../support/extremum.ts';

/** The gradient goes to the smallest element; equal ones share it. */
export const reduceMinRule = extremum('ReduceMin');
