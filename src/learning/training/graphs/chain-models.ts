import type { Graph, Model, Node, ValueInfo } from '../../../foundation/onnx/graph/graph.ts';

/** Everything but the inputs' names is renamed: how a second model comes into a graph without meeting the first one's names. */
export function prefixModel(model: Model, prefix: string, keep: ReadonlySet<string> = new Set()): Model {
  const { graph } = model;
  const inputs = new Set(graph.inputs.map((input) => input.name));
  const rename = (name: string): string => (name === '' || inputs.has(name) || keep.has(name) ? name : prefix + name);
  const renameInfo = (info: ValueInfo): ValueInfo => ({ ...info, name: rename(info.name) });
  return {
    ...model,
    graph: {
      ...graph,
      nodes: graph.nodes.map((node): Node => renameNode(node, rename, prefix)),
      initializers: new Map([...graph.initializers].map(([name, tensor]) => [rename(name), tensor])),
      outputs: graph.outputs.map(renameInfo),
    },
  };
}

function renameNode(node: Node, rename: (name: string) => string, prefix: string): Node {
  return {
    ...node,
    name: node.name === '' ? '' : prefix + node.name,
    inputs: node.inputs.map(rename),
    outputs: node.outputs.map(rename),
    attributes: Object.fromEntries(
      Object.entries(node.attributes).map(([name, attribute]) => [
        name,
        // The branches of If and Loop read the values around them.
        attribute.kind === 'graph' ? { kind: 'graph', value: renameGraph(attribute.value, rename, prefix) } : attribute,
      ]),
    ),
  };
}

const renameGraph = (graph: Graph, rename: (name: string) => string, prefix: string): Graph => ({
  ...graph,
  nodes: graph.nodes.map((node) => renameNode(node, rename, prefix)),
  initializers: new Map([...graph.initializers].map(([name, tensor]) => [rename(name), tensor])),
  inputs: graph.inputs.map((info) => ({ ...info, name: rename(info.name) })),
  outputs: graph.outputs.map((info) => ({ ...info, name: rename(info.name) })),
});

/**
 * The second model behind the first: its only input becomes `output` of the first. The result has the first's inputs and
 * the second's outputs; names of the second's inner values are made distinct.
 */
export function chainModels(first: Model, output: string, second: Model): Model {
  const [entry] = second.graph.inputs;
  if (entry === undefined || second.graph.inputs.length > 1) throw new Error('the second model must have one input');
  const kept = new Set([...second.graph.initializers.keys(), ...second.graph.outputs.map(({ name }) => name)]);
  const { graph } = prefixModel(second, `${second.graph.name}/`, kept);
  const enter = (name: string): string => (name === entry.name ? output : name);
  return {
    ...first,
    graph: {
      ...first.graph,
      nodes: [...first.graph.nodes, ...graph.nodes.map((node) => ({ ...node, inputs: node.inputs.map(enter) }))],
      initializers: new Map([...first.graph.initializers, ...graph.initializers]),
      outputs: graph.outputs,
    },
  };
}
