import { StudioError } from '../../../foundation/core/errors.ts';
import type { Model, Node } from '../../../foundation/onnx/graph/graph.ts';
import { layersOf } from '../trainables/layers.ts';
import { trainableParameters } from '../trainables/parameters.ts';

/**
 * The model with some of its layers alone, in their order: the layer after a gap reads what the kept one before gives.
 * A shallow student begins with its teacher's own layers (Sanh et al. 2019, "DistilBERT": every other one).
 *
 * @param kept numbers of layers from 0.
 * @throws StudioError `invalid_training` when layers are not recognised, are not there, or hand on more than one value.
 * @example keepLayers(miniLm, [0, 2, 5]) // three layers of six
 */
export function keepLayers(model: Model, kept: readonly number[]): Model {
  const { parameters, layers } = layersOf(model, new Set(trainableParameters(model).keys()));
  const keep = new Set(kept);
  if (!keep.has(0) || kept.some((layer) => !Number.isInteger(layer) || layer < 0 || layer >= layers)) {
    const range = layers === 0 ? 'none of its layers is recognised' : `its layers are 0 to ${layers - 1}`;
    throw new StudioError(
      'invalid_training',
      `Layers ${kept.join(', ')} cannot be kept: ${range}, and layer 0 must stay.`,
    );
  }
  const depths = depthsOf(model, new Map(parameters.map(({ name, layer }) => [name, layer])));
  const depthOf = (node: Node): number => depths.get(node.outputs[0] ?? '') ?? -1;
  /** What takes the place of a removed layer's result: that of the last kept one before it. */
  const replacement = new Map<string, string>();
  let last = '';
  for (let layer = 0; layer < layers; layer++) {
    const result = handedOnBy(model, depths, layer);
    if (keep.has(layer)) last = result;
    else replacement.set(result, last);
  }
  const nodes = model.graph.nodes
    .filter((node) => depthOf(node) < 0 || depthOf(node) >= layers || keep.has(depthOf(node)))
    .map((node) => ({ ...node, inputs: node.inputs.map((name) => replacement.get(name) ?? name) }));
  return { ...model, graph: withoutUnused({ ...model.graph, nodes: named(nodes, replacement, model) }) };
}

/** A graph's output that a removed layer gave leaves under its old name. */
function named(nodes: readonly Node[], replacement: ReadonlyMap<string, string>, model: Model): Node[] {
  const lost = model.graph.outputs.flatMap(({ name }) => {
    const value = replacement.get(name);
    return value === undefined
      ? []
      : [{ name, op: 'Identity', domain: '', inputs: [value], outputs: [name], attributes: {} }];
  });
  return [...nodes, ...lost];
}

/** Per value, the highest layer whose weights it depends on; shapes depend on none. */
function depthsOf(model: Model, layers: ReadonlyMap<string, number>): ReadonlyMap<string, number> {
  const depths = new Map<string, number>();
  for (const node of model.graph.nodes) {
    const inputs = node.op === 'Shape' ? [] : node.inputs;
    const depth = Math.max(-1, ...inputs.map((name) => layers.get(name) ?? depths.get(name) ?? -1));
    for (const output of node.outputs) depths.set(output, depth);
  }
  return depths;
}

/** The one value of a layer that later layers, or the graph's reader, use. */
function handedOnBy({ graph }: Model, depths: ReadonlyMap<string, number>, layer: number): string {
  const used = new Set(graph.outputs.map(({ name }) => name).filter((name) => depths.get(name) === layer));
  for (const node of graph.nodes) {
    if ((depths.get(node.outputs[0] ?? '') ?? -1) <= layer) continue;
    for (const name of node.inputs) if (depths.get(name) === layer) used.add(name);
  }
  const [only, ...more] = used;
  if (only !== undefined && more.length === 0) return only;
  throw new StudioError(
    'invalid_training',
    `Layer ${layer} hands on ${used.size} values, and a layer can be left out where it is one.`,
    {
      hint: 'Train the last layers, or take a model with plain layers as the student.',
    },
  );
}

function withoutUnused(graph: Model['graph']): Model['graph'] {
  const wanted = new Set(graph.outputs.map(({ name }) => name));
  const nodes = graph.nodes.toReversed().filter((node) => {
    if (!node.outputs.some((name) => wanted.has(name))) return false;
    for (const name of node.inputs) wanted.add(name);
    return true;
  });
  return {
    ...graph,
    nodes: nodes.reverse(),
    initializers: new Map([...graph.initializers].filter(([name]) => wanted.has(name))),
  };
}
