import { createRandom, type Random } from '../../core/random.ts';
import type { Attribute, Graph, Model, Node, SmallStorage } from '../graph/graph.ts';
import { floatToHalf } from '../graph/half-floats.ts';
import { ELEMENT_TYPES, float32, sizeOf, type Tensor } from '../graph/tensor.ts';
import { quantize } from './quantize.ts';

/** Smaller tensors (biases, normalisation weights) gain nothing and lose precision. */
const MINIMUM_ELEMENTS = 4096;

/**
 * `as before`: the weights that {@link foldSmallWeights} folded, each as it was, except that zero points are given up and
 * blocks become one scale per index of the axis. `int8`, `float16`: every large weight; int8 with one scale per row of
 * a table, per column of a MatMul's matrix, per output channel of a Conv. Or a map that says it by name.
 */
export type StoreSmall = 'as before' | 'int8' | 'float16' | ReadonlyMap<string, SmallStorage>;

export interface StoreSmallOptions {
  /**
   * How a weight between two int8 values is rounded; default `nearest`. `stochastic` rounds up or down by chance, by how
   * near each is: changes smaller than half a step, of which fine-tuning consists when the weights were int8 before, are
   * then kept on average instead of being erased.
   */
  readonly rounding?: 'nearest' | 'stochastic';
  /** Seed of stochastic rounding; the same one gives the same weights. */
  readonly seed?: number;
}

/**
 * Stores fp32 weights in fewer bytes; the graph gives them back as fp32 under their old names, so that nothing else
 * changes. An int8 weight is off by at most half its scale (largest absolute value / 127), by a whole one when rounded
 * stochastically; fp16 by 2⁻¹¹ of itself.
 */
export function storeSmall(model: Model, how: StoreSmall, options: StoreSmallOptions = {}): Model {
  const random = options.rounding === 'stochastic' ? createRandom(options.seed ?? 0) : undefined;
  const storage = storageOf(model, how);
  const initializers = new Map<string, Tensor>();
  const restoring: Node[] = [];
  const taken = new Set([...model.graph.initializers.keys(), ...model.graph.nodes.flatMap((node) => node.outputs)]);
  const free = (name: string): string => {
    let candidate = name;
    for (let count = 2; taken.has(candidate); count++) candidate = `${name}_${count}`;
    taken.add(candidate);
    return candidate;
  };
  for (const [name, tensor] of model.graph.initializers) {
    const chosen = storage.get(name);
    if (chosen === undefined || tensor.type !== 'float32') {
      initializers.set(name, tensor);
      continue;
    }
    const small = chosen.kind === 'float16' ? asHalf(name, tensor, free) : asInt8(name, tensor, chosen, free, random);
    for (const [stored, stands] of small.initializers) initializers.set(stored, stands);
    restoring.push(...small.nodes);
  }
  const folded = new Map([...(model.folded ?? [])].filter(([name]) => initializers.has(name)));
  return { ...model, graph: { ...model.graph, nodes: [...restoring, ...model.graph.nodes], initializers }, folded };
}

function storageOf(model: Model, how: StoreSmall): ReadonlyMap<string, SmallStorage> {
  if (how === 'as before') return model.folded ?? new Map();
  if (typeof how !== 'string') return how;
  const large = [...model.graph.initializers].filter(
    ([, tensor]) => tensor.type === 'float32' && tensor.dims.length > 1 && sizeOf(tensor.dims) >= MINIMUM_ELEMENTS,
  );
  return new Map(
    large.map(([name, tensor]): [string, SmallStorage] => [
      name,
      how === 'float16'
        ? { kind: how }
        : { kind: how, axis: scaleAxis(model.graph, name, tensor), by: 'DequantizeLinear' },
    ]),
  );
}

/** One scale per number that the weight contributes to on its own: then no large column spoils the others. */
function scaleAxis(graph: Graph, name: string, tensor: Tensor): number {
  const user = graph.nodes.find((node) => node.inputs.includes(name));
  if (user?.op === 'MatMul') return user.inputs[1] === name ? tensor.dims.length - 1 : tensor.dims.length - 2;
  if (user?.op === 'Gemm') return user.attributes.transB?.value === 1 ? 0 : 1;
  return 0;
}

interface Small {
  readonly initializers: ReadonlyArray<readonly [string, Tensor]>;
  readonly nodes: readonly Node[];
}

function asHalf(name: string, tensor: Tensor, free: (name: string) => string): Small {
  const data = Uint16Array.from(tensor.data as Float32Array, floatToHalf);
  const half = free(`${name}_half`);
  return {
    initializers: [[half, { type: 'float16', dims: tensor.dims, data }]],
    nodes: [nodeOf('Cast', [half], name, { to: { kind: 'int', value: ELEMENT_TYPES.float32.code } })],
  };
}

function asInt8(
  name: string,
  tensor: Tensor,
  { axis, by }: SmallStorage & { kind: 'int8' },
  free: (name: string) => string,
  random: Random | undefined,
): Small {
  const { data, scales } = quantize(tensor.data as Float32Array, tensor.dims, axis, random);
  const integers = free(`${name}_quantized`);
  const scale = free(`${name}_scale`);
  const stored: Tensor = { type: 'int8', dims: tensor.dims, data };
  if (by === 'DequantizeLinear') {
    const attributes: Record<string, Attribute> = axis === null ? {} : { axis: { kind: 'int', value: axis } };
    return {
      initializers: [
        [integers, stored],
        [scale, float32(axis === null ? [] : [scales.length], scales)],
      ],
      nodes: [nodeOf('DequantizeLinear', [integers, scale], name, attributes)],
    };
  }
  const cast = free(`${name}_cast`);
  const broadcast = tensor.dims.map((size, each) => (each === axis ? size : 1));
  return {
    initializers: [
      [integers, stored],
      [scale, float32(axis === null ? [] : broadcast, scales)],
    ],
    nodes: [
      nodeOf('Cast', [integers], cast, { to: { kind: 'int', value: ELEMENT_TYPES.float32.code } }),
      nodeOf('Mul', [cast, scale], name, {}),
    ],
  };
}

const nodeOf = (op: string, inputs: string[], output: string, attributes: Record<string, Attribute>): Node => ({
  name: output,
  op,
  domain: '',
  inputs,
  outputs: [output],
  attributes,
});
