import type { Value } from '../../graph/static-graph.ts';
import { sizeOf } from '../../graph/tensor.ts';
import type { GradientContext } from '../gradient-rule.ts';
import { inputOf, outputGradient } from './context.ts';
import { throughNormalization } from './norm.ts';
import { number } from './numbers.ts';

/**
 * Gradients of a normalization of [pictures, channels, …] over groups of channels and all positions, with a weight and a
 * bias per channel. The statistics are computed again: these operators do not give them out.
 */
export function groupedNormalization(
  context: GradientContext,
  groups: number,
  epsilon: number,
): ReadonlyArray<Value | null> {
  const { builder, wanted } = context;
  const [input, weight] = [inputOf(context, 0), inputOf(context, 1)];
  const gradient = outputGradient(context);
  const [pictures, channels] = input.dims as [number, number];
  const grouped = [pictures, groups, sizeOf(input.dims) / (pictures * groups)];
  const perChannel = input.dims.map((size, axis) => (axis === 1 ? size : 1));

  const x = builder.reshape(input, grouped);
  const centered = builder.sub(x, builder.reduce('ReduceMean', x, [2]));
  const variance = builder.reduce('ReduceMean', builder.mul(centered, centered), [2]);
  const deviation = builder.unary('Sqrt', builder.add(variance, number(builder, variance, epsilon)));
  const inverse = builder.unary('Reciprocal', deviation);
  const normalized = builder.mul(centered, inverse);
  const byInput = (): Value => {
    const scaled = builder.reshape(builder.mul(gradient, builder.reshape(weight, perChannel)), grouped);
    return builder.reshape(throughNormalization(builder, normalized, inverse, scaled, [2]), input.dims);
  };
  const sum = (value: Value): Value => builder.reshape(builder.sumTo(value, perChannel), [channels]);
  return [
    wanted[0] ? byInput() : null,
    wanted[1] ? sum(builder.mul(gradient, builder.reshape(normalized, input.dims))) : null,
    wanted[2] ? sum(gradient) : null,
  ];
}
