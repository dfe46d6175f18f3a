import type { Node } from './graph.ts';
import type { ElementType, Tensor } from './tensor.ts';

/** A named value whose type and every dimension are known. */
export interface Value {
  readonly name: string;
  readonly type: ElementType;
  readonly dims: readonly number[];
}

/**
 * A graph for one shape of its inputs: every value's type and dimensions are known, nothing that depends on shapes
 * alone is computed any more, nodes stand in an order in which they can run. What training works on.
 */
export interface StaticGraph {
  /** Version of the standard operators, at least {@link MINIMUM_STATIC_OPSET}. */
  readonly opset: number;
  readonly nodes: readonly Node[];
  /** Weights and folded constants. */
  readonly constants: ReadonlyMap<string, Tensor>;
  readonly inputs: readonly Value[];
  readonly outputs: readonly Value[];
  /** Every value by name: inputs, constants and what nodes give. */
  readonly values: ReadonlyMap<string, Value>;
}

/** Older graphs are rewritten to it, so that a gradient rule knows one form of each operator (Reduce* axes are inputs, Gelu exists). */
export const MINIMUM_STATIC_OPSET = 20;
