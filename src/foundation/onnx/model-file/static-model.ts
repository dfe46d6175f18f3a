import type { Model, ValueInfo } from '../graph/graph.ts';
import type { StaticGraph, Value } from '../graph/static-graph.ts';
import { writeModel } from './write-model.ts';

/** IR version 10 (ONNX 1.16) is the first that knows operator set 21, and every onnxruntime since 1.18 reads it. */
const IR_VERSION = 10;

const declared = ({ name, type, dims }: Value): ValueInfo => ({ name, type, shape: dims });

/** A static graph as a model, for writing it to a file. */
export function staticModel(graph: StaticGraph): Model {
  const domains = new Set(graph.nodes.map((node) => node.domain).filter((domain) => domain !== ''));
  return {
    irVersion: IR_VERSION,
    opsets: new Map([['', graph.opset], ...Array.from(domains, (domain): [string, number] => [domain, 1])]),
    producer: 'embedding-studio',
    metadata: new Map(),
    graph: {
      name: 'graph',
      nodes: graph.nodes,
      initializers: graph.constants,
      inputs: graph.inputs.map(declared),
      outputs: graph.outputs.map(declared),
    },
  };
}

/** The bytes of an ONNX model with this graph, as onnxruntime takes them. */
export const staticModelBytes = (graph: StaticGraph): Uint8Array<ArrayBuffer> => writeModel(staticModel(graph));
