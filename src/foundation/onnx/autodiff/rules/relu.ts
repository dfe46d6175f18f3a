import { keepWhere } from '../support/between.ts';
import { elementwise } from '../support/elementwise.ts';
import { number } from '../support/numbers.ts';

/** Passes where x > 0. */
export const reluRule = elementwise('Relu', ({ builder, input, gradient }) =>
  keepWhere(builder, builder.greater(input, number(builder, input, 0)), gradient),
);
