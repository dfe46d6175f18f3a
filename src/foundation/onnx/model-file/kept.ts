import type { Attribute, Node } from '../graph/graph.ts';
import type { AttributeProto, GraphProto, NodeProto, TensorProto } from '../proto/onnx_pb.js';

/** The fields of a TensorProto that can hold its elements. */
export type TensorField = 'rawData' | 'floatData' | 'int32Data' | 'int64Data' | 'doubleData' | 'uint64Data';

/** A tensor's message without its elements, and the field they stood in. */
export class KeptTensor {
  readonly message: TensorProto;
  readonly field: TensorField;

  constructor(message: TensorProto, field: TensorField) {
    this.message = message;
    this.field = field;
  }
}

/** A node's message without attributes, and the message of each attribute object read from it. */
export class KeptNode {
  readonly message: NodeProto;
  readonly attributes: ReadonlyMap<Attribute, AttributeProto>;

  constructor(message: NodeProto, attributes: ReadonlyMap<Attribute, AttributeProto>) {
    this.message = message;
    this.attributes = attributes;
  }
}

/** A graph's message without nodes, initializers, inputs and outputs. Its value_info speaks of `nodes` as they were read. */
export class KeptGraph {
  readonly message: GraphProto;
  readonly nodes: readonly Node[];

  constructor(message: GraphProto, nodes: readonly Node[]) {
    this.message = message;
    this.nodes = nodes;
  }
}

/** A copy of a message that shares its fields' values and keeps which of them are present. */
export const shallowCopy = <Message extends object>(message: Message): Message =>
  Object.assign(Object.create(Object.getPrototypeOf(message) as object), message);
