import { keepWhere } from '../support/between.ts';
import { elementwise } from '../support/elementwise.ts';
import { number, scale } from '../support/numbers.ts';

/** Of x · clip(x/6 + 1/2, 0, 1): 0 up to −3, 1 from 3, x/3 + 1/2 between. */
export const hardSwishRule = elementwise('HardSwish', ({ builder, input, gradient }) => {
  const slope = builder.add(scale(builder, input, 1 / 3), number(builder, input, 0.5));
  const bent = keepWhere(builder, builder.greater(input, number(builder, input, -3)), builder.mul(gradient, slope));
  return builder.where(builder.less(input, number(builder, input, 3)), bent, gradient);
});
