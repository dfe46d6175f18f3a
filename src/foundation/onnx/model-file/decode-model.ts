import { fromBinary } from '@bufbuild/protobuf';
import type { Graph, Model } from '../graph/graph.ts';
import { type GraphProto, type ModelProto, ModelProtoSchema } from '../proto/onnx_pb.js';
import { decodeNode, standardDomain } from './decode-node.ts';
import { decodeTensor } from './decode-tensor.ts';
import { decodeValueInfo } from './decode-value-info.ts';
import { invalidModel } from './invalid-model.ts';
import { KeptGraph, shallowCopy } from './kept.ts';
import type { ReadContext } from './read-context.ts';

/**
 * Reads a model from memory. With `ownBytes` the bytes are the model's from then on: weights stay where they are, and
 * some are moved by a few bytes. Throws `invalid_model`.
 */
export function decodeModel(bytes: Uint8Array, { ownBytes = false }: { ownBytes?: boolean } = {}): Model {
  return modelOf(parse(bytes), ownBytes);
}

/** The protobuf message of a model's bytes. Throws `invalid_model` for what is none. */
export function parse(bytes: Uint8Array): ModelProto {
  let message: ModelProto;
  try {
    message = fromBinary(ModelProtoSchema, bytes);
  } catch (cause) {
    throw notAModel(bytes, cause);
  }
  if (message.graph === undefined || message.opsetImport.length === 0) throw notAModel(bytes);
  return message;
}

export function modelOf(message: ModelProto, ownBytes: boolean): Model {
  const context: ReadContext = { ownBytes, graph: (body) => decodeGraph(body, context) };
  const rest = shallowCopy(message);
  delete rest.graph;
  return {
    irVersion: Number(message.irVersion),
    opsets: new Map(message.opsetImport.map(({ domain, version }) => [standardDomain(domain), Number(version)])),
    producer: message.producerName,
    metadata: new Map(message.metadataProps.map(({ key, value }) => [key, value])),
    graph: decodeGraph(message.graph as GraphProto, context),
    kept: rest,
  };
}

function decodeGraph(message: GraphProto, context: ReadContext): Graph {
  if (message.sparseInitializer.length > 0) {
    throw invalidModel(
      `the graph "${message.name}" has sparse weights, which are not supported.`,
      'Export the model with dense weights.',
    );
  }
  const nodes = message.node.map((node) => decodeNode(node, context));
  const rest = shallowCopy(message);
  Object.assign(rest, { node: [], initializer: [], input: [], output: [] });
  return {
    name: message.name,
    nodes,
    initializers: new Map(message.initializer.map((tensor) => [tensor.name, decodeTensor(tensor, context.ownBytes)])),
    inputs: message.input.map(decodeValueInfo),
    outputs: message.output.map(decodeValueInfo),
    kept: new KeptGraph(rest, nodes),
  };
}

/** Says what the bytes look like instead. */
function notAModel(bytes: Uint8Array, cause?: unknown): Error {
  const beginning = new TextDecoder('latin1').decode(bytes.subarray(0, 24));
  if (bytes.length === 0) return invalidModel('the file is empty.', 'Export or download the model again.', cause);
  if (beginning.startsWith('version https://git-lfs')) {
    return invalidModel('the file is a pointer of Git LFS, not the model itself.', 'Run `git lfs pull`.', cause);
  }
  // Every exporter writes the IR version first: field 1, a varint.
  if (bytes[0] === 8) {
    return invalidModel(
      `the ONNX model is cut off or damaged (${bytes.length} bytes).`,
      'Download or copy the file again and compare its size.',
      cause,
    );
  }
  return invalidModel('the file is no ONNX model.', 'Give the path of an .onnx file.', cause);
}
