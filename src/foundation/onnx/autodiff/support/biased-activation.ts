import type { GraphBuilder } from '../../graph/graph-builder.ts';
import type { Value } from '../../graph/static-graph.ts';
import type { GradientRule } from '../gradient-rule.ts';
import { inputOf, outputGradient } from './context.ts';

/** A rule for f(x + bias), the bias being optional; `slope` gives f′. */
export const biasedActivation = (op: string, slope: (builder: GraphBuilder, sum: Value) => Value): GradientRule => ({
  op,
  gradient(context) {
    const { builder, inputs, wanted } = context;
    const input = inputOf(context, 0);
    const bias = inputs[1];
    const sum = bias ? builder.add(input, bias) : input;
    const gradient = builder.mul(outputGradient(context), slope(builder, sum));
    return [wanted[0] ? gradient : null, wanted[1] && bias ? builder.sumTo(gradient, bias.dims) : null];
  },
});
