import type { Graph, Node } from '../graph/graph.ts';
import { float32, int64, type Tensor } from '../graph/tensor.ts';

/** The value of a Constant node, or undefined for other nodes (and for strings and sparse constants). */
export function constantValue(node: Node): Tensor | undefined {
  if (node.op !== 'Constant' || node.domain !== '') return undefined;
  const [attribute] = Object.values(node.attributes);
  switch (attribute?.kind) {
    case 'tensor':
      return attribute.value;
    case 'float':
      return float32([], [attribute.value]);
    case 'floats':
      return float32([attribute.value.length], attribute.value);
    case 'int':
      return { ...int64([attribute.value]), dims: [] };
    case 'ints':
      return int64(attribute.value);
    default:
      return undefined;
  }
}

/** Constant nodes become initializers of the same name. */
export function liftConstants(graph: Graph): Graph {
  const initializers = new Map(graph.initializers);
  const nodes = graph.nodes.filter((node) => {
    const value = constantValue(node);
    if (value !== undefined) initializers.set(node.outputs[0] as string, value);
    return value === undefined;
  });
  return { ...graph, nodes, initializers };
}
