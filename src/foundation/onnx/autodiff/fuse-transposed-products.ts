import { intsAttribute, type Node } from '../graph/graph.ts';
import type { StaticGraph } from '../graph/static-graph.ts';

/**
 * Products with a transposed operand become one operator of onnxruntime's own, which reads the operand in place.
 *
 * onnxruntime would do so itself, if it did not first join such a transposition with another one before it (that of
 * attention heads), which costs a copy of the operand. For the providers cpu and cuda; others do not have the operator.
 */
export function fuseTransposedProducts(graph: StaticGraph): StaticGraph {
  const swapped = new Map(
    graph.nodes.flatMap((node) => (swapsLastAxes(node) ? [[node.outputs[0] as string, node.inputs[0] as string]] : [])),
  );
  const nodes = graph.nodes.map((node) => (node.op === 'MatMul' && node.domain === '' ? fused(node, swapped) : node));
  const read = new Set([...nodes.flatMap((node) => node.inputs), ...graph.outputs.map((output) => output.name)]);
  return { ...graph, nodes: nodes.filter((node) => !swapsLastAxes(node) || read.has(node.outputs[0] as string)) };
}

function fused(node: Node, swapped: ReadonlyMap<string, string>): Node {
  const [left, right] = node.inputs as [string, string];
  const [plainLeft, plainRight] = [swapped.get(left), swapped.get(right)];
  if (plainLeft === undefined && plainRight === undefined) return node;
  const flag = (plain: string | undefined) => ({ kind: 'int', value: plain === undefined ? 0 : 1 }) as const;
  return {
    ...node,
    op: 'FusedMatMul',
    domain: 'com.microsoft',
    inputs: [plainLeft ?? left, plainRight ?? right],
    attributes: { transA: flag(plainLeft), transB: flag(plainRight) },
  };
}

function swapsLastAxes(node: Node): boolean {
  const permutation = node.op === 'Transpose' ? intsAttribute(node, 'perm') : undefined;
  const rank = permutation?.length ?? 0;
  if (permutation === undefined || rank < 2) return false;
  return permutation.every((axis, at) => axis === (at < rank - 2 ? at : at === rank - 2 ? rank - 1 : rank - 2));
}
