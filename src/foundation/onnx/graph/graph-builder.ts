import { broadcastDims, matMulDims, reducedDims } from './dims.ts';
import type { Attribute, Attributes, Node } from './graph.ts';
import { MINIMUM_STATIC_OPSET, type StaticGraph, type Value } from './static-graph.ts';
import { type ElementType, float32, int64, sameDims, sizeOf, type Tensor } from './tensor.ts';

type AttributeInput = number | string | readonly number[] | Attribute;

/** The type and dimensions of a node's output. */
export type ResultShape = Pick<Value, 'type' | 'dims'>;

/**
 * Grows a static graph node by node. Every value it hands out knows its type and dimensions.
 *
 * Integer attributes are given as numbers or number lists; a float attribute as `{kind: 'float', value}`.
 *
 * @example
 * const builder = new GraphBuilder();
 * const x = builder.input('x', 'float32', [2, 3]);
 * builder.output(builder.mul(x, builder.scalar(2)));
 * const graph = builder.build();
 */
export class GraphBuilder {
  #opset: number;
  readonly #nodes: Node[];
  readonly #constants: Map<string, Tensor>;
  readonly #inputs: Value[];
  readonly #outputs: Value[] = [];
  readonly #values: Map<string, Value>;
  /** Small constants by content, so that no scalar is stored twice. */
  readonly #shared = new Map<string, Value>();
  readonly #promoted = new Set<string>();
  #fresh = 0;

  /** Begins empty, or with all of a graph except its outputs. */
  constructor(from?: StaticGraph) {
    this.#opset = from?.opset ?? MINIMUM_STATIC_OPSET;
    this.#nodes = [...(from?.nodes ?? [])];
    this.#constants = new Map(from?.constants ?? []);
    this.#inputs = [...(from?.inputs ?? [])];
    this.#values = new Map(from?.values ?? []);
  }

  get opset(): number {
    return this.#opset;
  }

  /** Takes in nodes of a later operator set; the forms that the builder itself writes are the same in all of them. */
  raiseOpset(opset: number): void {
    this.#opset = Math.max(this.#opset, opset);
  }

  /** The value of this name. Throws when there is none: a fault of the caller. */
  value(name: string): Value {
    const value = this.#values.get(name);
    if (value === undefined) throw new Error(`the graph has no value "${name}"`);
    return value;
  }

  has(name: string): boolean {
    return this.#values.has(name);
  }

  /** Whether this input was a constant once ({@link promote}). */
  isPromoted(name: string): boolean {
    return this.#promoted.has(name);
  }

  constantOf(value: Value): Tensor | undefined {
    return this.#constants.get(value.name);
  }

  nodes(): readonly Node[] {
    return this.#nodes;
  }

  input(name: string, type: ElementType, dims: readonly number[]): Value {
    const value = this.#declare({ name, type, dims });
    this.#inputs.push(value);
    return value;
  }

  /** A constant becomes an input of the same name: how a weight is made trainable. */
  promote(name: string): Value {
    const value = this.value(name);
    if (!this.#constants.delete(name)) throw new Error(`"${name}" is not a constant of the graph`);
    this.#inputs.push(value);
    this.#promoted.add(name);
    return value;
  }

  output(value: Value): void {
    if (!this.#outputs.some((output) => output.name === value.name)) this.#outputs.push(value);
  }

  constant(tensor: Tensor, name = this.#name('constant')): Value {
    this.#constants.set(name, tensor);
    return this.#declare({ name, type: tensor.type, dims: tensor.dims });
  }

  scalar(value: number): Value {
    return this.#share(`float:${value}`, () => float32([], [value]));
  }

  ints(values: readonly number[]): Value {
    return this.#share(`ints:${values.join()}`, () => int64(values));
  }

  /** Appends a node as it stands, with the type and dimensions of each output (null for one that is left out). */
  append(node: Node, results: ReadonlyArray<ResultShape | null>): Value[] {
    for (const input of node.inputs) if (input !== '') this.value(input);
    this.#nodes.push(node);
    return node.outputs.flatMap((name, index) => {
      const result = results[index];
      return name === '' || result === null || result === undefined ? [] : [this.#declare({ ...result, name })];
    });
  }

  /**
   * A further output of a node that is already in the graph, such as the statistics that LayerNormalization gives on
   * demand. Outputs between are left out.
   */
  outputOf(node: Node, position: number, result: ResultShape): Value {
    const index = this.#nodes.findIndex((other) => other.outputs[0] === node.outputs[0]);
    const current = this.#nodes[index];
    if (current === undefined) throw new Error(`the graph has no node "${node.name}"`);
    const known = current.outputs[position];
    if (known) return this.value(known);
    const value = this.#declare({ ...result, name: this.#name(`${node.op}_${position}`) });
    const outputs = Array.from({ length: Math.max(current.outputs.length, position + 1) }, (_, at) =>
      at === position ? value.name : (current.outputs[at] ?? ''),
    );
    this.#nodes[index] = { ...current, outputs };
    return value;
  }

  /** Appends one node with one output per result shape. */
  nodeOf(
    op: string,
    inputs: ReadonlyArray<Value | null>,
    results: readonly ResultShape[],
    attributes: Readonly<Record<string, AttributeInput>> = {},
    domain = '',
  ): Value[] {
    const outputs = results.map((result) => this.#declare({ ...result, name: this.#name(op) }));
    this.#nodes.push({
      name: outputs[0]?.name ?? op,
      op,
      domain,
      inputs: inputs.map((input) => input?.name ?? ''),
      outputs: outputs.map((output) => output.name),
      attributes: attributesOf(attributes),
    });
    return outputs;
  }

  /** Appends one node with one output. */
  node(
    op: string,
    inputs: ReadonlyArray<Value | null>,
    result: ResultShape,
    attributes: Readonly<Record<string, AttributeInput>> = {},
    domain = '',
  ): Value {
    return this.nodeOf(op, inputs, [result], attributes, domain)[0] as Value;
  }

  add = (left: Value, right: Value): Value => this.#broadcast('Add', left, right);
  sub = (left: Value, right: Value): Value => this.#broadcast('Sub', left, right);
  mul = (left: Value, right: Value): Value => this.#broadcast('Mul', left, right);
  div = (left: Value, right: Value): Value => this.#broadcast('Div', left, right);
  greater = (left: Value, right: Value): Value => this.#broadcast('Greater', left, right, 'bool');
  less = (left: Value, right: Value): Value => this.#broadcast('Less', left, right, 'bool');
  equal = (left: Value, right: Value): Value => this.#broadcast('Equal', left, right, 'bool');

  /** Applies an operator that keeps type and dimensions: Neg, Exp, Log, Sqrt, Tanh, Erf, … */
  unary(op: string, value: Value, attributes: Readonly<Record<string, AttributeInput>> = {}): Value {
    return this.node(op, [value], value, attributes);
  }

  where(condition: Value, yes: Value, no: Value): Value {
    const dims = broadcastDims(broadcastDims(condition.dims, yes.dims), no.dims);
    return this.node('Where', [condition, yes, no], { type: yes.type, dims });
  }

  cast(value: Value, type: ElementType, code: number): Value {
    return value.type === type ? value : this.node('Cast', [value], { type, dims: value.dims }, { to: code });
  }

  matMul(left: Value, right: Value): Value {
    return this.node('MatMul', [left, right], { type: left.type, dims: matMulDims(left.dims, right.dims) });
  }

  transpose(value: Value, permutation: readonly number[]): Value {
    if (permutation.every((axis, position) => axis === position)) return value;
    const dims = permutation.map((axis) => value.dims[axis] as number);
    return this.node('Transpose', [value], { type: value.type, dims }, { perm: permutation });
  }

  /** Swaps the last two axes. */
  transposeLast(value: Value): Value {
    const axes = value.dims.map((_, axis) => axis);
    const rank = axes.length;
    return this.transpose(value, [...axes.slice(0, rank - 2), rank - 1, rank - 2]);
  }

  reshape(value: Value, dims: readonly number[]): Value {
    if (sameDims(value.dims, dims)) return value;
    if (sizeOf(dims) !== sizeOf(value.dims)) throw new Error(`cannot reshape [${value.dims}] to [${dims}]`);
    return this.node('Reshape', [value, this.ints(dims)], { type: value.type, dims });
  }

  expand(value: Value, dims: readonly number[]): Value {
    if (sameDims(value.dims, dims)) return value;
    return this.node('Expand', [value, this.ints(dims)], { type: value.type, dims });
  }

  /** ReduceSum, ReduceMean, ReduceMax, … over `axes` (negative ones count from the end). */
  reduce(op: string, value: Value, axes: readonly number[], keepDims = true): Value {
    if (axes.length === 0) return value;
    const dims = reducedDims(value.dims, axes, keepDims);
    return this.node(op, [value, this.ints(axes)], { type: value.type, dims }, { keepdims: keepDims ? 1 : 0 });
  }

  /** Undoes a broadcast: sums what was repeated, so that the result has the dimensions `dims`. */
  sumTo(value: Value, dims: readonly number[]): Value {
    const lead = value.dims.length - dims.length;
    const axes = value.dims.flatMap((size, axis) =>
      axis < lead || (dims[axis - lead] === 1 && size !== 1) ? [axis] : [],
    );
    return this.reshape(this.reduce('ReduceSum', value, axes), dims);
  }

  build(outputs: readonly Value[] = this.#outputs): StaticGraph {
    return {
      opset: this.#opset,
      nodes: [...this.#nodes],
      constants: new Map(this.#constants),
      inputs: [...this.#inputs],
      outputs: [...outputs],
      values: new Map(this.#values),
    };
  }

  #broadcast(op: string, left: Value, right: Value, type: ElementType = left.type): Value {
    return this.node(op, [left, right], { type, dims: broadcastDims(left.dims, right.dims) });
  }

  #share(key: string, make: () => Tensor): Value {
    const known = this.#shared.get(key);
    if (known !== undefined) return known;
    const value = this.constant(make());
    this.#shared.set(key, value);
    return value;
  }

  #declare(value: Value): Value {
    if (this.#values.has(value.name)) throw new Error(`the graph already has a value "${value.name}"`);
    const declared = { name: value.name, type: value.type, dims: [...value.dims] };
    this.#values.set(value.name, declared);
    return declared;
  }

  #name(stem: string): string {
    for (;;) {
      const name = `${stem}_${this.#fresh++}`;
      if (!this.#values.has(name)) return name;
    }
  }
}

function attributesOf(given: Readonly<Record<string, AttributeInput>>): Attributes {
  return Object.fromEntries(
    Object.entries(given).map(([name, value]): [string, Attribute] => {
      if (typeof value === 'number') return [name, { kind: 'int', value }];
      if (typeof value === 'string') return [name, { kind: 'string', value }];
      if ('kind' in value) return [name, value];
      return [name, { kind: 'ints', value }];
    }),
  );
}
