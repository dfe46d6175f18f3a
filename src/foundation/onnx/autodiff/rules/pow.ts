import { broadcastDims } from '../../graph/dims.ts';
import type { GraphBuilder } from '../../graph/graph-builder.ts';
import type { Value } from '../../graph/static-graph.ts';
import { ELEMENT_TYPES, numbersOf, sizeOf } from '../../graph/tensor.ts';
import type { GradientRule } from '../gradient-rule.ts';
import { inputOf, outputGradient } from '../support/context.ts';
import { number, scale } from '../support/numbers.ts';

/** d(xᵉ) = e xᵉ⁻¹ dx + xᵉ ln x de. */
export const powRule: GradientRule = {
  op: 'Pow',
  gradient(context) {
    const { builder, wanted, outputs } = context;
    const gradient = outputGradient(context);
    const [base, exponent] = [inputOf(context, 0), inputOf(context, 1)];
    const byBase = (): Value => builder.sumTo(builder.mul(gradient, slope(builder, base, exponent)), base.dims);
    const byExponent = (): Value => {
      const growth = builder.mul(outputs[0] as Value, builder.unary('Log', base));
      return builder.sumTo(builder.mul(gradient, growth), exponent.dims);
    };
    return [wanted[0] ? byBase() : null, wanted[1] ? byExponent() : null];
  },
};

/** e xᵉ⁻¹, without a power where the exponent is the constant 2 or 3. */
function slope(builder: GraphBuilder, base: Value, exponent: Value): Value {
  const constant = builder.constantOf(exponent);
  const single = sizeOf(exponent.dims) === 1 && exponent.dims.length <= base.dims.length;
  const known = constant && single ? numbersOf(constant)[0] : undefined;
  if (known === 2) return scale(builder, base, 2);
  if (known === 3) return scale(builder, builder.mul(base, base), 3);
  const real = builder.cast(exponent, base.type, ELEMENT_TYPES[base.type].code);
  const lower = builder.sub(real, number(builder, real, 1));
  const power = builder.node('Pow', [base, lower], { type: base.type, dims: broadcastDims(base.dims, lower.dims) });
  return builder.mul(real, power);
}
