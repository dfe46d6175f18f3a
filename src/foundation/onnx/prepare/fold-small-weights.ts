import { type Graph, intAttribute, type Model, type Node, type SmallStorage } from '../graph/graph.ts';
import { ELEMENT_TYPES, type ElementType, float32, sizeOf, type Tensor } from '../graph/tensor.ts';
import { constantValue } from './constants.ts';
import { prune } from './prune.ts';
import { dequantize, dequantizeAxis, widen } from './widen.ts';

/** A weight on its way from its small form to fp32. */
interface Unfolding {
  readonly tensor: Tensor;
  /** Undefined while integers have been cast but not yet scaled: it may be no weight at all. */
  readonly storage: SmallStorage | undefined;
}

/**
 * Weights stored small (fp16 with Cast; int8 with DequantizeLinear, or with Cast, perhaps Sub, and Mul) become fp32
 * initializers under the name by which the graph uses them. The model remembers in `folded` how each was stored;
 * {@link storeSmall} undoes it. Exact: the values are those that onnxruntime computes.
 */
export function foldSmallWeights(model: Model): Model {
  const { graph } = model;
  const constants = constantsOf(graph);
  const unfolding = new Map<string, Unfolding>();
  const nodes = graph.nodes.filter((node) => {
    const step = unfold(node, constants, unfolding);
    if (step !== undefined) unfolding.set(node.outputs[0] as string, step);
    return step?.storage === undefined;
  });
  const folded = new Map(model.folded);
  const initializers = new Map(graph.initializers);
  for (const [name, { tensor, storage }] of unfolding) {
    if (storage === undefined) continue;
    initializers.set(name, tensor);
    folded.set(name, storage);
  }
  const pruned = prune({ ...graph, nodes, initializers });
  return { ...model, graph: pruned, folded: new Map([...folded].filter(([name]) => pruned.initializers.has(name))) };
}

function constantsOf(graph: Graph): Map<string, Tensor> {
  const constants = new Map(graph.initializers);
  for (const node of graph.nodes) {
    const value = constantValue(node);
    if (value !== undefined) constants.set(node.outputs[0] as string, value);
  }
  return constants;
}

function unfold(
  node: Node,
  constants: ReadonlyMap<string, Tensor>,
  unfolding: ReadonlyMap<string, Unfolding>,
): Unfolding | undefined {
  if (node.domain !== '') return undefined;
  const [first = '', second = '', third = ''] = node.inputs;
  const weight = constants.get(first);
  if (node.op === 'DequantizeLinear') {
    const scale = constants.get(second);
    const zeroPoint = constants.get(third);
    if (weight === undefined || scale?.type !== 'float32' || (third !== '' && zeroPoint === undefined))
      return undefined;
    // Biases as int32 are constants to be folded, but int8 would not hold them.
    if (!isByte(weight.type)) return undefined;
    const values = dequantize(node, weight, scale, zeroPoint);
    if (values === null) return undefined;
    const axis = dequantizeAxis(node, weight, scale);
    return { tensor: float32(weight.dims, values), storage: { kind: 'int8', axis, by: 'DequantizeLinear' } };
  }
  if (node.op === 'Cast') {
    if (weight === undefined || intAttribute(node, 'to', 0) !== ELEMENT_TYPES.float32.code) return undefined;
    const tensor = float32(weight.dims, widen(weight));
    if (weight.type === 'float16' || weight.type === 'bfloat16') return { tensor, storage: { kind: 'float16' } };
    return isByte(weight.type) ? { tensor, storage: undefined } : undefined;
  }
  if (node.op === 'Mul' || node.op === 'Sub') {
    const cast = unfolding.get(first) ?? (node.op === 'Mul' ? unfolding.get(second) : undefined);
    const other = constants.get(unfolding.has(first) ? second : first) ?? unfolding.get(second)?.tensor;
    if (cast === undefined || cast.storage !== undefined || other?.type !== 'float32') return undefined;
    const tensor = combine(node.op, cast.tensor, other);
    if (tensor === null) return undefined;
    if (node.op === 'Sub') return { tensor, storage: undefined };
    return { tensor, storage: { kind: 'int8', axis: scaledAxis(cast.tensor, other), by: 'Cast and Mul' } };
  }
  return undefined;
}

const isByte = (type: ElementType): boolean => type === 'int8' || type === 'uint8';

/** Left ∘ right where right broadcasts into left; row by row along the last axis. */
function combine(op: 'Mul' | 'Sub', left: Tensor, right: Tensor): Tensor | null {
  const rank = left.dims.length;
  const rightDims = [...left.dims.slice(right.dims.length).map(() => 1), ...right.dims];
  if (rightDims.length !== rank || rightDims.some((size, axis) => size !== 1 && size !== left.dims[axis])) return null;
  const strides = rightDims.map((size, axis) => (size === 1 ? 0 : sizeOf(rightDims.slice(axis + 1))));
  const values = Float32Array.from(left.data as Float32Array);
  const others = right.data as Float32Array;
  const width = left.dims.at(-1) ?? 1;
  const step = strides.at(-1) ?? 0;
  for (let row = 0; row * width < values.length; row++) {
    let at = 0;
    for (let axis = rank - 2, rest = row; axis >= 0; axis--) {
      const size = left.dims[axis] as number;
      at += (rest % size) * (strides[axis] as number);
      rest = Math.floor(rest / size);
    }
    for (let index = row * width; index < (row + 1) * width; index++, at += step) {
      const other = others[at] as number;
      values[index] = op === 'Mul' ? (values[index] as number) * other : (values[index] as number) - other;
    }
  }
  return float32(left.dims, values);
}

/** The axis of the weight along which the scale varies: the longest one when there are several. */
function scaledAxis(weight: Tensor, scale: Tensor): number | null {
  const lead = weight.dims.length - scale.dims.length;
  const longest = Math.max(...scale.dims, 1);
  return longest === 1 ? null : lead + scale.dims.indexOf(longest);
}
