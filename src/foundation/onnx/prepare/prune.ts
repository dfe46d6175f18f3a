import type { Graph, Node } from '../graph/graph.ts';
import { namesRead } from '../graph/used-names.ts';

/** Drops the nodes and initializers that no output depends on. Inputs stay: they are the model's interface. */
export function prune(graph: Graph): Graph {
  const { nodes, read } = neededFor(graph.nodes, graph.outputs);
  const initializers = new Map([...graph.initializers].filter(([name]) => read.has(name)));
  if (nodes.length === graph.nodes.length && initializers.size === graph.initializers.size) return graph;
  return { ...graph, nodes, initializers };
}

/** The nodes that these outputs depend on, in their order, and every name that is read on the way. */
export function neededFor(
  nodes: readonly Node[],
  outputs: ReadonlyArray<{ readonly name: string }>,
): { nodes: Node[]; read: Set<string> } {
  const giver = new Map(nodes.flatMap((node) => node.outputs.map((name) => [name, node] as const)));
  const read = new Set<string>();
  const needed = new Set<Node>();
  const waiting = outputs.map((output) => output.name);
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (read.has(name)) continue;
    read.add(name);
    const node = giver.get(name);
    if (node === undefined || needed.has(node)) continue;
    needed.add(node);
    waiting.push(...namesRead(node));
  }
  return { nodes: nodes.filter((node) => needed.has(node)), read };
}
