import type { Node } from '../graph/graph.ts';
import type { GraphBuilder } from '../graph/graph-builder.ts';
import type { Value } from '../graph/static-graph.ts';

/** What a rule sees of the node it differentiates. */
export interface GradientContext {
  readonly builder: GraphBuilder;
  readonly node: Node;
  /** The node's inputs; null where an optional one is left out. */
  readonly inputs: ReadonlyArray<Value | null>;
  readonly outputs: readonly Value[];
  /** Gradient of the loss by each output, of the output's dimensions; null where none arrives. */
  readonly outputGradients: ReadonlyArray<Value | null>;
  /** Which inputs' gradients anyone will use; a rule need not build the others. */
  readonly wanted: readonly boolean[];
}

/**
 * Reverse-mode differentiation of one operator: adds to the graph the gradient of the loss by each input, of the input's
 * dimensions. Null for inputs through which nothing flows (indices, shapes) or that nobody wants.
 */
export interface GradientRule {
  /** The operator, with its domain in front when it is not the standard one: `com.microsoft.FusedMatMul`. */
  readonly op: string;
  gradient(context: GradientContext): ReadonlyArray<Value | null>;
}
