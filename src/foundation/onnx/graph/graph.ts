import type { ElementType, Tensor } from './tensor.ts';

/** An operator's parameter, by kind as ONNX stores it. */
export type Attribute =
  | { readonly kind: 'float'; readonly value: number }
  | { readonly kind: 'int'; readonly value: number }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'tensor'; readonly value: Tensor }
  | { readonly kind: 'graph'; readonly value: Graph }
  | { readonly kind: 'floats'; readonly value: readonly number[] }
  | { readonly kind: 'ints'; readonly value: readonly number[] }
  | { readonly kind: 'strings'; readonly value: readonly string[] };

export type Attributes = Readonly<Record<string, Attribute>>;

/**
 * What a file said of something beyond the fields here (comments, storage form, fields of later versions). Carried
 * along by `{...node}`, written back by model-file, opaque to everyone else.
 */
export type Kept = object;

/** One operation. An omitted optional input or output is the empty string, as in ONNX. */
export interface Node {
  readonly name: string;
  readonly op: string;
  /** '' for the standard operators. */
  readonly domain: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Attributes;
  readonly kept?: Kept;
}

/** A declared input or output; a dimension is its size, its symbol, or null when nothing is known of it. */
export interface ValueInfo {
  readonly name: string;
  readonly type: ElementType;
  /** null when even the rank is unknown. */
  readonly shape: ReadonlyArray<number | string | null> | null;
  readonly kept?: Kept;
}

export interface Graph {
  readonly name: string;
  readonly nodes: readonly Node[];
  readonly initializers: ReadonlyMap<string, Tensor>;
  readonly inputs: readonly ValueInfo[];
  readonly outputs: readonly ValueInfo[];
  readonly kept?: Kept;
}

/**
 * How a weight is stored in fewer bytes than fp32: as fp16 with a Cast, or as int8 with one scale per index of `axis`
 * (null: one scale for all), multiplied out by DequantizeLinear or by Cast and Mul.
 */
export type SmallStorage =
  | { readonly kind: 'float16' }
  | { readonly kind: 'int8'; readonly axis: number | null; readonly by: 'DequantizeLinear' | 'Cast and Mul' };

export interface Model {
  readonly irVersion: number;
  /** Operator set version by domain; '' is the standard one. */
  readonly opsets: ReadonlyMap<string, number>;
  readonly producer: string;
  readonly metadata: ReadonlyMap<string, string>;
  readonly graph: Graph;
  /** How the weights were stored that have been folded to fp32, by name. */
  readonly folded?: ReadonlyMap<string, SmallStorage>;
  readonly kept?: Kept;
}

export const intAttribute = (node: Node, name: string, missing: number): number => {
  const attribute = node.attributes[name];
  return attribute?.kind === 'int' ? attribute.value : missing;
};

export const floatAttribute = (node: Node, name: string, missing: number): number => {
  const attribute = node.attributes[name];
  return attribute?.kind === 'float' ? attribute.value : missing;
};

export const intsAttribute = (node: Node, name: string): readonly number[] | undefined => {
  const attribute = node.attributes[name];
  return attribute?.kind === 'ints' ? attribute.value : undefined;
};

export const stringAttribute = (node: Node, name: string, missing: string): string => {
  const attribute = node.attributes[name];
  return attribute?.kind === 'string' ? attribute.value : missing;
};

/** How a node is named in messages: `Softmax "/encoder/layer.0/Softmax"`. */
export const describeNode = (node: Node): string =>
  `${node.domain === '' ? '' : `${node.domain}.`}${node.op} "${node.name === '' ? (node.outputs[0] ?? '') : node.name}"`;
