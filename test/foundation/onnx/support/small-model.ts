import type { Attribute, Model, Node, ValueInfo } from '../../../../src/foundation/onnx/graph/graph.ts';
import type { Tensor } from '../../../../src/foundation/onnx/graph/tensor.ts';

/** A node of the standard domain, named after its first output. */
export const node = (
  op: string,
  inputs: readonly string[],
  outputs: readonly string[],
  attributes: Readonly<Record<string, Attribute>> = {},
  domain = '',
): Node => ({ name: `${op} of ${outputs[0]}`, op, domain, inputs, outputs, attributes });

export const int = (value: number): Attribute => ({ kind: 'int', value });
export const ints = (...value: number[]): Attribute => ({ kind: 'ints', value });
export const float = (value: number): Attribute => ({ kind: 'float', value });
export const text = (value: string): Attribute => ({ kind: 'string', value });

export const input = (name: string, shape: ValueInfo['shape'], type: ValueInfo['type'] = 'float32'): ValueInfo => ({
  name,
  type,
  shape,
});

interface Parts {
  readonly nodes: readonly Node[];
  readonly inputs?: readonly ValueInfo[];
  readonly outputs: readonly string[];
  readonly initializers?: Readonly<Record<string, Tensor>>;
  readonly opset?: number;
  readonly domains?: Readonly<Record<string, number>>;
  /** Type of the outputs; default float32. */
  readonly outputType?: ValueInfo['type'];
}

/** A model of a few nodes, written by hand. */
export function smallModel(parts: Parts): Model {
  const { nodes, inputs = [], outputs, initializers = {}, opset = 17, domains = {}, outputType = 'float32' } = parts;
  return {
    irVersion: 8,
    opsets: new Map([['', opset], ...Object.entries(domains)]),
    producer: 'test',
    metadata: new Map(),
    graph: {
      name: 'small',
      nodes,
      initializers: new Map(Object.entries(initializers)),
      inputs,
      outputs: outputs.map((name) => ({ name, type: outputType, shape: null })),
    },
  };
}
