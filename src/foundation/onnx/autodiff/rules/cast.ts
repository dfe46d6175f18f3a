import { ELEMENT_TYPES } from '../../graph/tensor.ts';
import { elementwise } from '../support/elementwise.ts';

/** Between floating-point types: the gradient is cast back. */
export const castRule = elementwise('Cast', ({ builder, input, gradient }) =>
  builder.cast(gradient, input.type, ELEMENT_TYPES[input.type].code),
);
