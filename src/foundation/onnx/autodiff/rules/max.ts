import { chosenInput } from '../support/chosen-input.ts';

/** The gradient goes to the largest input; among equal ones to the first. */
export const maxRule = chosenInput('Max');
