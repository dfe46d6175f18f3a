import { create } from '@bufbuild/protobuf';
import type { Attribute, Graph, Node } from '../graph/graph.ts';
import {
  type AttributeProto,
  AttributeProtoSchema,
  type GraphProto,
  AttributeProto_AttributeType as Kind,
  type NodeProto,
  NodeProtoSchema,
} from '../proto/onnx_pb.js';
import { standardDomain } from './decode-node.ts';
import { encodeTensor } from './encode-tensor.ts';
import { KeptNode, shallowCopy } from './kept.ts';

export function encodeNode(node: Node, graphMessage: (graph: Graph) => GraphProto): NodeProto {
  const kept = node.kept instanceof KeptNode ? node.kept : undefined;
  const message = kept === undefined ? create(NodeProtoSchema) : shallowCopy(kept.message);
  if (message.name !== node.name) message.name = node.name;
  if (message.opType !== node.op) message.opType = node.op;
  if (standardDomain(message.domain) !== node.domain) message.domain = node.domain;
  message.input = [...node.inputs];
  message.output = [...node.outputs];
  message.attribute = Object.entries(node.attributes).map(
    ([name, attribute]) => kept?.attributes.get(attribute) ?? encodeAttribute(name, attribute, graphMessage),
  );
  return message;
}

const utf8 = new TextEncoder();

function encodeAttribute(
  name: string,
  attribute: Attribute,
  graphMessage: (graph: Graph) => GraphProto,
): AttributeProto {
  switch (attribute.kind) {
    case 'float':
      return create(AttributeProtoSchema, { name, type: Kind.FLOAT, f: attribute.value });
    case 'int':
      return create(AttributeProtoSchema, { name, type: Kind.INT, i: int64Of(attribute.value) });
    case 'string':
      return create(AttributeProtoSchema, { name, type: Kind.STRING, s: utf8.encode(attribute.value) });
    case 'tensor':
      return create(AttributeProtoSchema, { name, type: Kind.TENSOR, t: encodeTensor('', attribute.value) });
    case 'graph':
      return create(AttributeProtoSchema, { name, type: Kind.GRAPH, g: graphMessage(attribute.value) });
    case 'floats':
      return create(AttributeProtoSchema, { name, type: Kind.FLOATS, floats: [...attribute.value] });
    case 'ints':
      return create(AttributeProtoSchema, { name, type: Kind.INTS, ints: attribute.value.map(int64Of) });
    case 'strings':
      return create(AttributeProtoSchema, {
        name,
        type: Kind.STRINGS,
        strings: attribute.value.map((value) => utf8.encode(value)),
      });
  }
}

/** Numbers beyond int64 mean "as far as possible" (the end of a Slice); as numbers they have been rounded up. */
const int64Of = (value: number): bigint => BigInt.asIntN(64, clamp(BigInt(value)));
const clamp = (value: bigint): bigint => {
  const limit = 2n ** 63n;
  if (value >= limit) return limit - 1n;
  return value < -limit ? -limit : value;
};
