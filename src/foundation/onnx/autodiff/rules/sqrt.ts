import { elementwise } from '../support/elementwise.ts';
import { scale } from '../support/numbers.ts';

/** d√x = dx / (2√x). */
export const sqrtRule = elementwise('Sqrt', ({ builder, output, gradient }) =>
  builder.div(scale(builder, gradient, 0.5), output),
);
