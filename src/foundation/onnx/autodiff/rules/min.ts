import { chosenInput } from '../support/chosen-input.ts';

/** The gradient goes to the smallest input; among equal ones to the first. */
export const minRule = chosenInput('Min');
