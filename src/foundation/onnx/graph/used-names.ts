import type { Graph, Node } from './graph.ts';

/** Names of the values that a node reads, those that bodies of control flow take from around them included. */
export function* namesRead(node: Node): Generator<string> {
  for (const name of node.inputs) if (name !== '') yield name;
  for (const attribute of Object.values(node.attributes)) {
    if (attribute.kind === 'graph') yield* namesReadBy(attribute.value);
  }
}

function* namesReadBy(graph: Graph): Generator<string> {
  for (const node of graph.nodes) yield* namesRead(node);
  for (const output of graph.outputs) yield output.name;
}
