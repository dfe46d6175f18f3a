import { positiveAxes, reducedDims } from '../../graph/dims.ts';
import { intAttribute } from '../../graph/graph.ts';
import type { GraphBuilder } from '../../graph/graph-builder.ts';
import type { Value } from '../../graph/static-graph.ts';
import type { GradientContext, GradientRule } from '../gradient-rule.ts';
import { inputOf, integersOf, outputGradient } from './context.ts';

/** What the gradient of a reduction can be made of. */
export interface Reduction {
  readonly builder: GraphBuilder;
  readonly input: Value;
  /** The result with the reduced axes kept as 1, so that it broadcasts against the input. */
  readonly output: Value;
  /** Gradient of the loss by the result, with the reduced axes kept as 1. */
  readonly gradient: Value;
  /** The reduced axes, counted from the front. */
  readonly axes: readonly number[];
  /** How many elements were reduced to one. */
  readonly count: number;
}

/**
 * A rule for a Reduce* operator. `derive` gives the gradient by the input, or something that broadcasts to it.
 */
export const reduction = (op: string, derive: (of: Reduction) => Value): GradientRule => ({
  op,
  gradient(context) {
    const { builder, outputs } = context;
    const input = inputOf(context, 0);
    const axes = reducedAxes(context, input.dims.length);
    const kept = reducedDims(input.dims, axes, true);
    const gradient = builder.reshape(outputGradient(context), kept);
    const output = builder.reshape(outputs[0] as Value, kept);
    const count = axes.reduce((product, axis) => product * (input.dims[axis] as number), 1);
    return [builder.expand(derive({ builder, input, output, gradient, axes, count }), input.dims)];
  },
});

function reducedAxes(context: GradientContext, rank: number): number[] {
  const axes = integersOf(context, 1) ?? [];
  if (axes.length > 0) return positiveAxes(axes, rank);
  const none = intAttribute(context.node, 'noop_with_empty_axes', 0) === 1;
  return none ? [] : Array.from({ length: rank }, (_, axis) => axis);
}
