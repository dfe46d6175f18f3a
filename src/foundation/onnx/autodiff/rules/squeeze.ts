import { sameElements } from '../support/same-elements.ts';

/** The gradient gets the input's dimensions back. */
export const squeezeRule = sameElements('Squeeze');
