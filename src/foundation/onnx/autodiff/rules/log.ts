import { elementwise } from '../support/elementwise.ts';

/** d ln x = dx / x. */
export const logRule = elementwise('Log', ({ builder, input, gradient }) => builder.div(gradient, input));
