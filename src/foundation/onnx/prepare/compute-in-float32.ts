import type { Attribute, Attributes, Graph, Model, Node, ValueInfo } from '../graph/graph.ts';
import { ELEMENT_TYPES, type ElementType, float32, type Tensor } from '../graph/tensor.ts';
import { widen } from './widen.ts';

/**
 * A model exported to compute in fp16 (or bf16) throughout computes in fp32 instead, its inputs and outputs included:
 * training in half precision would lose small updates. A model that computes in fp32 already is returned as it is.
 */
export function computeInFloat32(model: Model): Model {
  return isHalf(model.graph) ? { ...model, graph: widenGraph(model.graph) } : model;
}

const isHalfType = (type: ElementType): boolean => type === 'float16' || type === 'bfloat16';

function isHalf({ inputs, outputs, nodes, initializers }: Graph): boolean {
  if ([...inputs, ...outputs].some((info) => isHalfType(info.type))) return true;
  // Weights that are cast before they are used are stored small; those used as they are take part in the computation.
  const half = new Set([...initializers].filter(([, tensor]) => isHalfType(tensor.type)).map(([name]) => name));
  return nodes.some((node) => node.op !== 'Cast' && node.inputs.some((name) => half.has(name)));
}

function widenGraph(graph: Graph): Graph {
  return {
    ...graph,
    nodes: graph.nodes.map(widenNode),
    initializers: new Map(Array.from(graph.initializers, ([name, tensor]) => [name, widenTensor(tensor)])),
    inputs: graph.inputs.map(widenInfo),
    outputs: graph.outputs.map(widenInfo),
  };
}

const widenTensor = (tensor: Tensor): Tensor =>
  isHalfType(tensor.type) ? float32(tensor.dims, widen(tensor)) : tensor;

const widenInfo = (info: ValueInfo): ValueInfo => (isHalfType(info.type) ? { ...info, type: 'float32' } : info);

function widenNode(node: Node): Node {
  const attributes: Attributes = Object.fromEntries(
    Object.entries(node.attributes).map(([name, attribute]) => [name, widenAttribute(name, attribute)]),
  );
  return { ...node, attributes };
}

/** Attributes that name an element type. */
const TYPE_ATTRIBUTES: readonly string[] = ['to', 'dtype', 'output_dtype'];
const HALF_CODES: readonly number[] = [ELEMENT_TYPES.float16.code, ELEMENT_TYPES.bfloat16.code];

function widenAttribute(name: string, attribute: Attribute): Attribute {
  switch (attribute.kind) {
    case 'int': {
      const isHalfCode = TYPE_ATTRIBUTES.includes(name) && HALF_CODES.includes(attribute.value);
      return isHalfCode ? { ...attribute, value: ELEMENT_TYPES.float32.code } : attribute;
    }
    case 'tensor':
      return isHalfType(attribute.value.type) ? { ...attribute, value: widenTensor(attribute.value) } : attribute;
    case 'graph':
      return { ...attribute, value: widenGraph(attribute.value) };
    default:
      return attribute;
  }
}
