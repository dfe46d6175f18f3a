import type { Node } from '../../graph/graph.ts';
import type { GraphBuilder } from '../../graph/graph-builder.ts';
import type { Value } from '../../graph/static-graph.ts';
import type { ElementType } from '../../graph/tensor.ts';
import { namesRead } from '../../graph/used-names.ts';
import { stopsGradient } from '../stop-gradient.ts';

/** Whether values of this type carry gradients; integers and booleans do not. */
export const isFloat = (type: ElementType): boolean =>
  type === 'float32' || type === 'float16' || type === 'float64' || type === 'bfloat16';

/** The names of all values through which a change of one of `by` can reach something downstream. */
export function valuesReachedBy(builder: GraphBuilder, nodes: readonly Node[], by: readonly Value[]): Set<string> {
  const reached = new Set(by.map((value) => value.name));
  for (const node of nodes) {
    if (stopsGradient(node) || !readsAny(node, reached)) continue;
    for (const name of node.outputs) {
      if (builder.has(name) && isFloat(builder.value(name).type)) reached.add(name);
    }
  }
  return reached;
}

/** Whether a node reads one of these values, also within bodies of control flow. */
export function readsAny(node: Node, names: ReadonlySet<string>): boolean {
  for (const name of namesRead(node)) if (names.has(name)) return true;
  return false;
}
