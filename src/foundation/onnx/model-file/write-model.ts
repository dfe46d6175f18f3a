import { randomUUID } from 'node:crypto';
import { rename, rm, writeFile } from 'node:fs/promises';
import { create, toBinary } from '@bufbuild/protobuf';
import type { Graph, Model, Node } from '../graph/graph.ts';
import { type GraphProto, GraphProtoSchema, type ModelProto, ModelProtoSchema } from '../proto/onnx_pb.js';
import { standardDomain } from './decode-node.ts';
import { encodeNode } from './encode-node.ts';
import { encodeTensor } from './encode-tensor.ts';
import { encodeValueInfo } from './encode-value-info.ts';
import { KeptGraph, shallowCopy } from './kept.ts';

/** The bytes of an ONNX file. What was read and not changed is written as it was. */
export function writeModel(model: Model): Uint8Array<ArrayBuffer> {
  const message = isModel(model.kept) ? shallowCopy(model.kept) : create(ModelProtoSchema);
  if (Number(message.irVersion) !== model.irVersion) message.irVersion = BigInt(model.irVersion);
  if (message.producerName !== model.producer) message.producerName = model.producer;
  const { opsets, metadata } = model;
  const sameOpsets =
    message.opsetImport.length === opsets.size &&
    message.opsetImport.every(({ domain, version }) => opsets.get(standardDomain(domain)) === Number(version));
  if (!sameOpsets) {
    const imports = Array.from(opsets, ([domain, version]) => ({ domain, version: BigInt(version) }));
    message.opsetImport = create(ModelProtoSchema, { opsetImport: imports }).opsetImport;
  }
  const sameMetadata =
    message.metadataProps.length === metadata.size &&
    message.metadataProps.every(({ key, value }) => metadata.get(key) === value);
  if (!sameMetadata) {
    const metadataProps = Array.from(metadata, ([key, value]) => ({ key, value }));
    message.metadataProps = create(ModelProtoSchema, { metadataProps }).metadataProps;
  }
  message.graph = encodeGraph(model.graph);
  return toBinary(ModelProtoSchema, message);
}

/** Writes an ONNX file: all of it or, when that fails, nothing. */
export async function writeModelFile(model: Model, file: string): Promise<void> {
  const partial = `${file}.${randomUUID()}.partial`;
  try {
    await writeFile(partial, writeModel(model), { flush: true });
    await rename(partial, file);
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
}

function encodeGraph(graph: Graph): GraphProto {
  const kept = graph.kept instanceof KeptGraph ? graph.kept : undefined;
  const message = kept === undefined ? create(GraphProtoSchema) : shallowCopy(kept.message);
  if (message.name !== graph.name) message.name = graph.name;
  message.node = graph.nodes.map((node) => encodeNode(node, encodeGraph));
  message.initializer = Array.from(graph.initializers, ([name, tensor]) => encodeTensor(name, tensor));
  message.input = graph.inputs.map(encodeValueInfo);
  message.output = graph.outputs.map(encodeValueInfo);
  if (kept !== undefined && kept.nodes !== graph.nodes) {
    const given = valuesOf(graph.nodes);
    message.valueInfo = message.valueInfo.filter((info) => given.has(info.name));
  }
  return message;
}

const valuesOf = (nodes: readonly Node[]): ReadonlySet<string> => new Set(nodes.flatMap((node) => node.outputs));

const isModel = (kept: object | undefined): kept is ModelProto =>
  kept !== undefined && '$typeName' in kept && kept.$typeName === 'onnx.ModelProto';
