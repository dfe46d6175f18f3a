import type { Attribute, Node } from '../graph/graph.ts';
import { type AttributeProto, AttributeProto_AttributeType as Kind, type NodeProto } from '../proto/onnx_pb.js';
import { decodeTensor } from './decode-tensor.ts';
import { invalidModel } from './invalid-model.ts';
import { KeptNode, shallowCopy } from './kept.ts';
import type { ReadContext } from './read-context.ts';

/** `ai.onnx` is the standard domain's long name. */
export const standardDomain = (domain: string): string => (domain === 'ai.onnx' ? '' : domain);

export function decodeNode(message: NodeProto, context: ReadContext): Node {
  const described = `${message.opType} "${message.name === '' ? (message.output[0] ?? '') : message.name}"`;
  const pairs = message.attribute.map((attribute): [AttributeProto, Attribute] => [
    attribute,
    decodeAttribute(attribute, described, context),
  ]);
  const rest = shallowCopy(message);
  rest.attribute = [];
  return {
    name: message.name,
    op: message.opType,
    domain: standardDomain(message.domain),
    inputs: [...message.input],
    outputs: [...message.output],
    attributes: Object.fromEntries(pairs.map(([attribute, read]) => [attribute.name, read])),
    kept: new KeptNode(rest, new Map(pairs.map(([attribute, read]) => [read, attribute]))),
  };
}

const text = new TextDecoder();

function decodeAttribute(message: AttributeProto, node: string, context: ReadContext): Attribute {
  switch (kindOf(message)) {
    case Kind.FLOAT:
      return { kind: 'float', value: message.f };
    case Kind.INT:
      return { kind: 'int', value: Number(message.i) };
    case Kind.STRING:
      return { kind: 'string', value: text.decode(message.s) };
    case Kind.TENSOR:
      if (message.t !== undefined) return { kind: 'tensor', value: decodeTensor(message.t, context.ownBytes) };
      break;
    case Kind.GRAPH:
      if (message.g !== undefined) return { kind: 'graph', value: context.graph(message.g) };
      break;
    case Kind.FLOATS:
      return { kind: 'floats', value: message.floats };
    case Kind.INTS:
      return { kind: 'ints', value: message.ints.map(Number) };
    case Kind.STRINGS:
      return { kind: 'strings', value: message.strings.map((bytes) => text.decode(bytes)) };
  }
  throw invalidModel(
    `attribute "${message.name}" of ${node} has the kind ${Kind[kindOf(message)]}, which is not supported.`,
    'Export the model without sparse tensors, sequences and optional values.',
  );
}

/** Files of before IR version 4 may leave the kind out; the field that is filled tells it. */
function kindOf(message: AttributeProto): Kind {
  if (message.type !== Kind.UNDEFINED) return message.type;
  if (Object.hasOwn(message, 'f')) return Kind.FLOAT;
  if (Object.hasOwn(message, 'i')) return Kind.INT;
  if (Object.hasOwn(message, 's')) return Kind.STRING;
  if (message.t !== undefined) return Kind.TENSOR;
  if (message.g !== undefined) return Kind.GRAPH;
  if (message.floats.length > 0) return Kind.FLOATS;
  if (message.ints.length > 0) return Kind.INTS;
  if (message.strings.length > 0) return Kind.STRINGS;
  return Kind.UNDEFINED;
}
