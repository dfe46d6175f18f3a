import type { Node } from '../../graph/graph.ts';
import type { GraphBuilder } from '../../graph/graph-builder.ts';
import type { Value } from '../../graph/static-graph.ts';
import type { GradientRule } from '../gradient-rule.ts';
import { inputOf, outputGradient } from './context.ts';

/** What the gradient of a function of one number can be made of; all values have the same dimensions. */
export interface Elementwise {
  readonly builder: GraphBuilder;
  readonly node: Node;
  readonly input: Value;
  readonly output: Value;
  /** Gradient of the loss by the output. */
  readonly gradient: Value;
}

/** A rule for an operator that maps each element by itself; `derive` gives the gradient by the input. */
export const elementwise = (op: string, derive: (of: Elementwise) => Value): GradientRule => ({
  op,
  gradient(context) {
    const { builder, node } = context;
    const output = context.outputs[0] as Value;
    return [derive({ builder, node, input: inputOf(context, 0), output, gradient: outputGradient(context) })];
  },
});
