import type { Graph, Model, ValueInfo } from '../../../foundation/onnx/graph/graph.ts';

export interface SplitModel {
  /** From the inputs to what the trained part reads: its only output. */
  readonly frozen: Model;
  /** From that to the outputs: its only input. */
  readonly trained: Model;
  /** The name of the value between. */
  readonly between: string;
}

/**
 * Cuts a model below its first trained weight, so that what lies under the cut is computed once per input and not in every
 * step. Null where more than one value crosses the cut, or the input itself does: then nothing is saved.
 */
export function splitFrozen(model: Model, trained: ReadonlySet<string>): SplitModel | null {
  const { graph } = model;
  const hot = new Set<string>(trained);
  const fromInputs = new Set(graph.inputs.map(({ name }) => name));
  const crossing = new Set<string>();
  for (const node of graph.nodes) {
    const isHot = node.inputs.some((name) => hot.has(name));
    for (const output of node.outputs) {
      if (isHot) hot.add(output);
      else if (node.inputs.some((name) => fromInputs.has(name))) fromInputs.add(output);
    }
    if (isHot) for (const name of node.inputs) if (fromInputs.has(name) && !hot.has(name)) crossing.add(name);
  }
  const [between, ...more] = crossing;
  if (between === undefined || more.length > 0) return null;
  if (graph.inputs.some(({ name }) => name === between) || graph.outputs.some(({ name }) => !hot.has(name)))
    return null;
  const edge: ValueInfo = { name: between, type: 'float32', shape: null };
  return {
    between,
    frozen: { ...model, graph: reachable({ ...graph, outputs: [edge] }, new Set()) },
    trained: { ...model, graph: reachable({ ...graph, inputs: [edge] }, new Set([between])) },
  };
}

/** What the outputs need, down to the inputs and to the values `given` from outside. */
function reachable(graph: Graph, given: ReadonlySet<string>): Graph {
  const wanted = new Set(graph.outputs.map(({ name }) => name));
  const nodes = graph.nodes
    .toReversed()
    .filter((node) => {
      if (!node.outputs.some((name) => wanted.has(name) && !given.has(name))) return false;
      for (const name of node.inputs) wanted.add(name);
      return true;
    })
    .reverse();
  return {
    ...graph,
    nodes,
    initializers: new Map([...graph.initializers].filter(([name]) => wanted.has(name))),
    inputs: graph.inputs.filter(({ name }) => wanted.has(name)),
  };
}
