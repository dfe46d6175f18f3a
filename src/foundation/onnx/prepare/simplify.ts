import { stopsGradient } from '../autodiff/stop-gradient.ts';
import { type Graph, intAttribute, intsAttribute, type Node } from '../graph/graph.ts';
import type { Value } from '../graph/static-graph.ts';
import { sameDims } from '../graph/tensor.ts';

/**
 * Takes out nodes that give back what they are given (Identity, Dropout, Reshape and Expand to the same dimensions,
 * Cast to the same type, Transpose that moves nothing), and computes equal expressions once. Outputs of the graph keep
 * their names, and marks of stopGradient their places. Exact.
 */
export function simplify(graph: Graph, values: ReadonlyMap<string, Value>): Graph {
  const alias = new Map<string, string>();
  const known = new Map<string, readonly string[]>();
  const outputs = new Set(graph.outputs.map((output) => output.name));
  const nodes: Node[] = [];
  for (const original of graph.nodes) {
    const inputs = original.inputs.map((name) => alias.get(name) ?? name);
    const node = inputs.every((name, index) => name === original.inputs[index]) ? original : { ...original, inputs };
    const isOutput = node.outputs.some((name) => outputs.has(name));
    if (!isOutput && givesBack(node, values)) {
      alias.set(node.outputs[0] as string, inputs[0] as string);
      continue;
    }
    const key = expression(node);
    const earlier = key === undefined ? undefined : known.get(key);
    if (earlier !== undefined && !isOutput) {
      for (const [index, name] of node.outputs.entries()) alias.set(name, earlier[index] as string);
      continue;
    }
    if (key !== undefined) known.set(key, node.outputs);
    nodes.push(node);
  }
  return { ...graph, nodes };
}

function givesBack(node: Node, values: ReadonlyMap<string, Value>): boolean {
  if (node.domain !== '') return false;
  const from = values.get(node.inputs[0] ?? '');
  const to = values.get(node.outputs[0] ?? '');
  switch (node.op) {
    case 'Identity':
      return !stopsGradient(node);
    case 'Dropout':
      return node.outputs.length === 1;
    case 'Cast':
      return from !== undefined && from.type === to?.type;
    case 'Reshape':
    case 'Expand':
    case 'Flatten':
    case 'Squeeze':
    case 'Unsqueeze':
    case 'Tile':
      return from !== undefined && to !== undefined && sameDims(from.dims, to.dims);
    case 'Concat':
      return node.inputs.length === 1;
    case 'Transpose': {
      const axes = intsAttribute(node, 'perm');
      return axes?.every((axis, position) => axis === position) ?? false;
    }
    case 'Slice':
      return from !== undefined && to !== undefined && sameDims(from.dims, to.dims) && node.inputs.length < 5;
    default:
      return false;
  }
}

/** Equal keys are equal values. Undefined for what is not compared: bodies and tensors as attributes, random numbers. */
function expression(node: Node): string | undefined {
  if (stopsGradient(node)) return undefined;
  if (node.op.startsWith('Random') || node.op === 'Bernoulli' || node.op === 'Multinomial') return undefined;
  if (node.op === 'Dropout' && intAttribute(node, 'seed', -1) !== -1) return undefined;
  const attributes = Object.entries(node.attributes).sort(([left], [right]) => (left < right ? -1 : 1));
  if (attributes.some(([, { kind }]) => kind === 'graph' || kind === 'tensor')) return undefined;
  const named = attributes.map(([name, { kind, value }]) => [name, kind, value]);
  return JSON.stringify([node.domain, node.op, node.inputs, node.outputs.length, named]);
}
