import {
  type Attributes,
  describeNode,
  type Graph,
  intsAttribute,
  type Model,
  type Node,
  stringAttribute,
} from '../graph/graph.ts';
import { MINIMUM_STATIC_OPSET } from '../graph/static-graph.ts';
import { int64, type Tensor } from '../graph/tensor.ts';
import { invalidModel } from '../model-file/invalid-model.ts';

/** Before it, axes and paddings of many operators were attributes, and Softmax meant something else. */
const OLDEST_OPSET = 13;
/** What onnxruntime 1.30 runs. */
const NEWEST_OPSET = 26;

/**
 * Rewrites a model of operator set 13 or later to at least {@link MINIMUM_STATIC_OPSET}: the same nodes under the same
 * names, in the later form. Models that are as new already are returned as they are. Throws `invalid_model`.
 */
export function upgradeOpset(model: Model): Model {
  const opset = model.opsets.get('');
  if (opset === undefined) return model;
  if (opset < OLDEST_OPSET || opset > NEWEST_OPSET) {
    throw invalidModel(
      `the model uses operator set ${opset}; ${OLDEST_OPSET} to ${NEWEST_OPSET} are understood.`,
      `Export it again with an opset_version of 17 to ${NEWEST_OPSET}, or convert it with onnx.version_converter.`,
    );
  }
  if (opset >= MINIMUM_STATIC_OPSET) return model;
  return {
    ...model,
    opsets: new Map([...model.opsets, ['', MINIMUM_STATIC_OPSET]]),
    graph: upgradeGraph(model.graph, opset),
  };
}

function upgradeGraph(graph: Graph, opset: number): Graph {
  const added = new Map<string, Tensor>();
  const taken = new Set([...graph.initializers.keys(), ...graph.nodes.flatMap((node) => node.outputs)]);
  const constant = (name: string, tensor: Tensor): string => {
    let free = name;
    for (let count = 2; taken.has(free); count++) free = `${name}_${count}`;
    taken.add(free);
    added.set(free, tensor);
    return free;
  };
  const nodes = graph.nodes.map((node) => upgradeBodies(upgradeNode(node, opset, constant), opset));
  return { ...graph, nodes, initializers: new Map([...graph.initializers, ...added]) };
}

function upgradeBodies(node: Node, opset: number): Node {
  if (!Object.values(node.attributes).some((attribute) => attribute.kind === 'graph')) return node;
  const attributes: Attributes = Object.fromEntries(
    Object.entries(node.attributes).map(([name, attribute]) => [
      name,
      attribute.kind === 'graph' ? { ...attribute, value: upgradeGraph(attribute.value, opset) } : attribute,
    ]),
  );
  return { ...node, attributes };
}

type AddConstant = (name: string, tensor: Tensor) => string;

/** Reductions whose axes became an input in operator set 18. */
const REDUCTIONS = new Set(
  ['Max', 'Min', 'Mean', 'Prod', 'L1', 'L2', 'LogSum', 'LogSumExp', 'SumSquare'].map((kind) => `Reduce${kind}`),
);

function upgradeNode(node: Node, opset: number, constant: AddConstant): Node {
  if (node.domain !== '') return node;
  if (opset < 18 && REDUCTIONS.has(node.op)) return axesAsInput(node, constant);
  // Operator set 18 wants to be told the number of equal parts.
  if (opset < 18 && node.op === 'Split' && (node.inputs[1] ?? '') === '') {
    return withAttributes(node, { num_outputs: { kind: 'int', value: node.outputs.length } });
  }
  // Operator set 16 corrected the coordinates by half a pixel, and kept the old ones as a mode.
  if (opset < 16 && node.op === 'RoiAlign') {
    return withAttributes(node, { coordinate_transformation_mode: { kind: 'string', value: 'output_half_pixel' } });
  }
  if (opset < 20 && node.op === 'GridSample') return renamedModes(node);
  if (opset < 20 && node.op === 'DFT') throw cannotUpgrade(node, opset, 'its axis became an input of other meaning');
  if (opset < 15 && node.op === 'BatchNormalization' && node.outputs.filter((name) => name !== '').length > 1) {
    throw cannotUpgrade(node, opset, 'it is in training mode');
  }
  return node;
}

function axesAsInput(node: Node, constant: AddConstant): Node {
  const axes = intsAttribute(node, 'axes');
  if (axes === undefined) return node;
  const { axes: _, ...attributes } = node.attributes;
  const name = constant(`${node.outputs[0]}_axes`, int64(axes));
  return { ...node, inputs: [node.inputs[0] as string, name], attributes };
}

function renamedModes(node: Node): Node {
  const mode = stringAttribute(node, 'mode', 'bilinear');
  const names: Readonly<Record<string, string>> = { bilinear: 'linear', bicubic: 'cubic' };
  return withAttributes(node, { mode: { kind: 'string', value: names[mode] ?? mode } });
}

const withAttributes = (node: Node, attributes: Attributes): Node => ({
  ...node,
  attributes: { ...node.attributes, ...attributes },
});

const cannotUpgrade = (node: Node, opset: number, why: string): Error =>
  invalidModel(
    `${describeNode(node)} of operator set ${opset} cannot be written in operator set ${MINIMUM_STATIC_OPSET}: ${why}.`,
    `Export the model again with opset_version=${MINIMUM_STATIC_OPSET} and in evaluation mode.`,
  );
