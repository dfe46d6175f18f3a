import type { GraphBuilder } from '../../graph/graph-builder.ts';
import type { Value } from '../../graph/static-graph.ts';
import { number, scale } from './numbers.ts';

/**
 * Slope of x Φ(x), which is Φ(x) + x φ(x) with the normal distribution Φ and its density φ
 * (Hendrycks and Gimpel 2016, arXiv:1606.08415). Written for few passes over memory: HardSigmoid is the one operator
 * that multiplies and adds at once, and ½ + ½ erf lies within its bounds.
 */
export function exactGeluSlope(builder: GraphBuilder, input: Value): Value {
  const scaled = scale(builder, input, Math.SQRT1_2);
  const half = { kind: 'float', value: 0.5 } as const;
  const distribution = builder.unary('HardSigmoid', builder.unary('Erf', scaled), { alpha: half, beta: half });
  const inverseBell = builder.unary('Exp', builder.mul(scaled, scaled));
  const density = scale(builder, builder.div(input, inverseBell), 1 / Math.sqrt(2 * Math.PI));
  return builder.add(distribution, density);
}

const INNER = Math.sqrt(2 / Math.PI);
const CUBIC = 0.044715;

/** Slope of ½ x (1 + tanh u) with u = √(2/π) (x + 0.044715 x³): ½ (1 + tanh u) + ½ x (1 − tanh² u) u′. */
export function tanhGeluSlope(builder: GraphBuilder, input: Value): Value {
  const one = number(builder, input, 1);
  const square = builder.mul(input, input);
  const inner = builder.mul(input, builder.add(scale(builder, square, INNER * CUBIC), number(builder, input, INNER)));
  const innerSlope = builder.add(scale(builder, square, 3 * INNER * CUBIC), number(builder, input, INNER));
  const tanh = builder.unary('Tanh', inner);
  const bend = builder.mul(builder.mul(input, innerSlope), builder.sub(one, builder.mul(tanh, tanh)));
  return scale(builder, builder.add(builder.add(tanh, one), bend), 0.5);
}
