import type { Graph, Node } from '../graph/graph.ts';
import { numbersOf } from '../graph/tensor.ts';

/**
 * An If whose condition is a constant is replaced by the branch that it takes. Exporters write such choices about the
 * shape of a value; once shapes are known they are no choices any more.
 */
export function inlineBranches(graph: Graph): Graph {
  const initializers = new Map(graph.initializers);
  let changed = false;
  const nodes = graph.nodes.flatMap((node) => {
    const branch = takenBranch(node, graph);
    if (branch === undefined) return [node];
    changed = true;
    // Names within a body differ from all names around it (onnx IR, "names within a graph").
    for (const [name, tensor] of branch.initializers) initializers.set(name, tensor);
    return [...branch.nodes, ...node.outputs.map((name, index) => identity(branch.outputs[index]?.name ?? '', name))];
  });
  return changed ? inlineBranches({ ...graph, nodes, initializers }) : graph;
}

function takenBranch(node: Node, graph: Graph): Graph | undefined {
  if (node.op !== 'If' || node.domain !== '') return undefined;
  const condition = graph.initializers.get(node.inputs[0] ?? '');
  if (condition === undefined) return undefined;
  const branch = node.attributes[numbersOf(condition)[0] === 0 ? 'else_branch' : 'then_branch'];
  return branch?.kind === 'graph' ? branch.value : undefined;
}

const identity = (from: string, to: string): Node => ({
  name: to,
  op: 'Identity',
  domain: '',
  inputs: [from],
  outputs: [to],
  attributes: {},
});
