import type { Attribute, Graph, Model, Node, ValueInfo } from '../../../foundation/onnx/graph/graph.ts';
import { float32, int64, type Tensor } from '../../../foundation/onnx/graph/tensor.ts';

/** Widely read: onnxruntime since 1.11, transformers.js, Triton. */
const DRAFT_OPSET = 17;
const DRAFT_IR_VERSION = 8;

export interface DraftEnds {
  readonly inputs?: readonly ValueInfo[];
  readonly outputs: readonly ValueInfo[];
}

/**
 * Writes a model node by node, shapes left open, either anew or behind the nodes of another. Values are their names.
 * Nodes that exist in one form from opset 13 on are all that is needed here.
 *
 * @example
 * const draft = new ModelDraft();
 * const doubled = draft.node('Mul', ['x', draft.scalar(2)]);
 */
export class ModelDraft {
  readonly #model: Model;
  readonly #prefix: string;
  readonly #nodes: Node[];
  readonly #initializers: Map<string, Tensor>;
  #count = 0;

  /** @param prefix stands before the names that are made, so that they meet no name of `from`. */
  constructor(prefix: string, from: Model = EMPTY) {
    this.#model = from;
    this.#prefix = prefix;
    this.#nodes = [...from.graph.nodes];
    this.#initializers = new Map(from.graph.initializers);
  }

  /** The version of the standard operators that the nodes are read by. */
  get opset(): number {
    return this.#model.opsets.get('') ?? DRAFT_OPSET;
  }

  /** A node with one output, whose name is returned. */
  node(op: string, inputs: readonly string[], attributes: Readonly<Record<string, Attribute>> = {}): string {
    const output = `${this.#prefix}${op}_${this.#count++}`;
    this.#nodes.push({ name: output, op, domain: '', inputs, outputs: [output], attributes });
    return output;
  }

  /** Gives a value the name under which it leaves the graph. */
  name(value: string, name: string): string {
    this.#nodes.push({ name, op: 'Identity', domain: '', inputs: [value], outputs: [name], attributes: {} });
    return name;
  }

  /** A weight under exactly this name. */
  weight(name: string, tensor: Tensor): string {
    this.#initializers.set(name, tensor);
    return name;
  }

  scalar(value: number): string {
    return this.weight(`${this.#prefix}number_${this.#count++}`, float32([], [value]));
  }

  ints(values: readonly number[]): string {
    return this.weight(`${this.#prefix}ints_${this.#count++}`, int64(values));
  }

  /** ReduceSum, ReduceMax, …: their axes became an input at different opsets. */
  reduce(op: 'ReduceSum' | 'ReduceMax', value: string, axis: number, keepDims: boolean): string {
    const keepdims: Attribute = { kind: 'int', value: keepDims ? 1 : 0 };
    return op === 'ReduceSum' || this.opset >= 18
      ? this.node(op, [value, this.ints([axis])], { keepdims })
      : this.node(op, [value], { keepdims, axes: { kind: 'ints', value: [axis] } });
  }

  build({ inputs, outputs }: DraftEnds): Model {
    const { graph } = this.#model;
    const built: Graph = {
      name: graph.name,
      nodes: this.#nodes,
      initializers: this.#initializers,
      inputs: inputs ?? graph.inputs,
      outputs,
    };
    return { ...this.#model, graph: built };
  }
}

const EMPTY: Model = {
  irVersion: DRAFT_IR_VERSION,
  opsets: new Map([['', DRAFT_OPSET]]),
  producer: 'embedding-studio',
  metadata: new Map(),
  graph: { name: 'graph', nodes: [], initializers: new Map(), inputs: [], outputs: [] },
};
