import { extremum } from '../support/extremum.ts';

/** The gradient goes to the largest element; equal ones share it. */
export const reduceMaxRule = extremum('ReduceMax');
