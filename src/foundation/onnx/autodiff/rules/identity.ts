import { sameElements } from '../support/same-elements.ts';

/** The gradient passes as it is. */
export const identityRule = sameElements('Identity');
