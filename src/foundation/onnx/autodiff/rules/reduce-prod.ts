import { ELEMENT_TYPES } from '../../graph/tensor.ts';
import { keepWhere } from '../support/between.ts';
import { number } from '../support/numbers.ts';
import { reduction } from '../support/reduction.ts';

/** Each element's slope is the product of the others; right also where elements are zero. */
export const reduceProdRule = reduction('ReduceProd', ({ builder, input, gradient, axes }) => {
  const [zero, one] = [number(builder, input, 0), number(builder, input, 1)];
  const isZero = builder.equal(input, zero);
  const others = builder.where(isZero, one, input);
  const product = builder.mul(builder.reduce('ReduceProd', others, axes), gradient);
  const zeros = builder.reduce('ReduceSum', builder.cast(isZero, input.type, ELEMENT_TYPES[input.type].code), axes);
  const whereZero = keepWhere(builder, builder.equal(zeros, one), product);
  const elsewhere = keepWhere(builder, builder.equal(zeros, zero), builder.div(product, others));
  return builder.where(isZero, whereZero, elsewhere);
});
