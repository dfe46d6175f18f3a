import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import type { Model } from '../../../../src/foundation/onnx/graph/graph.ts';
import { decodeModel } from '../../../../src/foundation/onnx/model-file/decode-model.ts';
import { writeModel } from '../../../../src/foundation/onnx/model-file/write-model.ts';
import {
  AttributeProto_AttributeType as Kind,
  type ModelProto,
  ModelProtoSchema,
  TensorProto_DataType,
} from '../../../../src/foundation/onnx/proto/onnx_pb.js';

const tensorType = { value: { case: 'tensorType' as const, value: { elemType: TensorProto_DataType.FLOAT } } };

const original: ModelProto = create(ModelProtoSchema, {
  irVersion: 9n,
  producerName: 'exporter',
  producerVersion: '2.4',
  domain: 'org.example',
  modelVersion: 3n,
  docString: 'a model',
  opsetImport: [
    { domain: 'ai.onnx', version: 17n },
    { domain: 'my.domain', version: 1n },
  ],
  metadataProps: [{ key: 'licence', value: 'Apache-2.0' }],
  functions: [
    {
      name: 'Twice',
      domain: 'my.domain',
      input: ['x'],
      output: ['y'],
      node: [{ opType: 'Add', input: ['x', 'x'], output: ['y'] }],
    },
  ],
  graph: {
    name: 'graph',
    docString: 'what it does',
    input: [{ name: 'x', docString: 'an input', type: tensorType }],
    output: [{ name: 'y', docString: 'an output', type: tensorType }],
    valueInfo: [{ name: 'between', docString: 'an inner value', type: tensorType }],
    node: [
      {
        opType: 'Relu',
        name: 'first',
        domain: 'ai.onnx',
        docString: 'keeps what is positive',
        input: ['x'],
        output: ['between'],
      },
      {
        opType: 'Slice',
        name: 'second',
        input: ['between'],
        output: ['y'],
        // The largest int64 is no JavaScript number.
        attribute: [{ name: 'ends', type: Kind.INTS, ints: [2n ** 63n - 1n], docString: 'to the end' }],
        metadataProps: [{ key: 'layer', value: '1' }],
      },
    ],
    initializer: [
      { name: 'w', dims: [1n], dataType: TensorProto_DataType.FLOAT, floatData: [1], docString: 'a weight' },
    ],
  },
});

const bytes = toBinary(ModelProtoSchema, original);
const written = (model: Model): ModelProto => fromBinary(ModelProtoSchema, writeModel(model));

describe('what a file says beyond the graph', () => {
  it('is written back: comments, versions, functions, inner types, numbers beyond 2^53', () => {
    expect(Buffer.compare(writeModel(decodeModel(bytes)), bytes)).toBe(0);
  });

  it('stays with nodes and weights that are changed', () => {
    const model = decodeModel(bytes);
    const nodes = model.graph.nodes.map((node) => ({ ...node, name: `new ${node.name}` }));
    const initializers = new Map(
      Array.from(model.graph.initializers, ([name, tensor]) => [name, { ...tensor, data: Float32Array.of(5) }]),
    );
    const { graph } = written({ ...model, graph: { ...model.graph, nodes, initializers } });
    expect(graph?.node.map((node) => [node.name, node.docString])).toEqual([
      ['new first', 'keeps what is positive'],
      ['new second', ''],
    ]);
    expect(graph?.node[1]?.attribute[0]?.ints).toEqual([2n ** 63n - 1n]);
    expect(graph?.initializer[0]).toMatchObject({ docString: 'a weight', floatData: [5] });
    expect(graph?.docString).toBe('what it does');
  });

  it('is dropped for inner values that are gone', () => {
    const model = decodeModel(bytes);
    const { graph } = written({ ...model, graph: { ...model.graph, nodes: model.graph.nodes.slice(1) } });
    expect(graph?.valueInfo).toEqual([]);
  });

  it('gives way to new versions and metadata', () => {
    const model = decodeModel(bytes);
    const message = written({ ...model, opsets: new Map([['', 20]]), metadata: new Map([['trained', 'yes']]) });
    expect(message.opsetImport.map(({ domain, version }) => [domain, version])).toEqual([['', 20n]]);
    expect(message.metadataProps.map(({ key, value }) => [key, value])).toEqual([['trained', 'yes']]);
    expect(message.producerVersion).toBe('2.4');
  });
});
