import { StudioError } from '../../../foundation/core/errors.ts';
import { createRandom } from '../../../foundation/core/random.ts';
import { intAttribute, type Model, type Node } from '../../../foundation/onnx/graph/graph.ts';
import { float32, type Tensor } from '../../../foundation/onnx/graph/tensor.ts';
import { gaussian } from './gaussian.ts';

export interface LoraOptions {
  /** Columns of A, rows of B. */
  readonly rank: number;
  /** The product counts alpha / rank times; by default alpha is twice the rank. */
  readonly alpha?: number;
  readonly seed: number;
}

/** A matrix that is trained through a product of two thin ones. */
interface LoraTarget {
  readonly node: Node;
  readonly matrix: string;
  /** Rows and columns of the matrix as `x · W` uses it. */
  readonly size: readonly [number, number];
}

export interface LoraModel {
  /** The given model with `x·W` become `x·W + (alpha / rank) · (x·A)·B`. */
  readonly model: Model;
  /** A and B of each matrix by name. */
  readonly parameters: ReadonlyMap<string, Tensor>;
}

const factorNames = (matrix: string): { a: string; b: string; scale: string } => ({
  a: `lora.${matrix}.a`,
  b: `lora.${matrix}.b`,
  scale: `lora.${matrix}.scale`,
});

/**
 * Low-rank adaptation: the matrices stay as they are, and a product of two thin ones is trained beside each.
 * Hu et al. 2022, "LoRA: Low-Rank Adaptation of Large Language Models". A begins with N(0, 1/rows), B with zeros, so
 * that training begins at the given model.
 *
 * @param matrices the names of the weights to adapt; those that no MatMul or Gemm multiplies by are left alone.
 * @throws StudioError `invalid_training` when none of them can be adapted.
 */
export function addLora(model: Model, matrices: ReadonlySet<string>, options: LoraOptions): LoraModel {
  const targets = model.graph.nodes.flatMap((node) => targetOf(model, node, matrices));
  if (targets.length === 0) {
    throw new StudioError('invalid_training', 'The model has no matrix that LoRA could be put beside.', {
      hint: 'Train the weights themselves, or an adapter.',
    });
  }
  const parameters = new Map<string, Tensor>();
  const initializers = new Map(model.graph.initializers);
  const random = createRandom(options.seed);
  const factor = (options.alpha ?? 2 * options.rank) / options.rank;
  const beside = new Map<Node, LoraTarget>();
  for (const target of targets) {
    beside.set(target.node, target);
    const { a, b, scale } = factorNames(target.matrix);
    if (parameters.has(a)) continue;
    const [rows, columns] = target.size;
    const { rank } = options;
    parameters.set(a, float32([rows, rank], gaussian(rows * rank, rows ** -0.5, random)));
    parameters.set(b, float32([rank, columns], new Float32Array(rank * columns)));
    initializers.set(scale, float32([], [factor]));
  }
  for (const [name, tensor] of parameters) initializers.set(name, tensor);
  const nodes = model.graph.nodes.flatMap((node) => {
    const target = beside.get(node);
    return target === undefined ? [node] : besideNodes(target);
  });
  return { model: { ...model, graph: { ...model.graph, nodes, initializers } }, parameters };
}

function targetOf(model: Model, node: Node, matrices: ReadonlySet<string>): LoraTarget[] {
  const matrix = node.inputs[1] ?? '';
  const dims = model.graph.initializers.get(matrix)?.dims;
  if (!matrices.has(matrix) || dims?.length !== 2) return [];
  const [first, second] = dims as [number, number];
  if (node.op === 'MatMul') return [{ node, matrix, size: [first, second] }];
  if (node.op !== 'Gemm' || intAttribute(node, 'transA', 0) === 1) return [];
  return [{ node, matrix, size: intAttribute(node, 'transB', 0) === 1 ? [second, first] : [first, second] }];
}

function besideNodes({ node, matrix }: LoraTarget): Node[] {
  const { a, b, scale } = factorNames(matrix);
  const output = node.outputs[0] as string;
  const name = (step: string): string => `${output}/lora/${step}`;
  const step = (op: string, stem: string, inputs: string[], result = name(stem)): Node => ({
    name: name(stem),
    op,
    domain: '',
    inputs,
    outputs: [result],
    attributes: {},
  });
  return [
    { ...node, outputs: [name('plain')] },
    step('MatMul', 'down', [node.inputs[0] as string, a]),
    step('MatMul', 'up', [name('down'), b]),
    step('Mul', 'scaled', [name('up'), scale]),
    step('Add', 'sum', [name('plain'), name('scaled')], output),
  ];
}

/**
 * The matrices with what was trained beside them added in: W + (alpha / rank) · A·B, in double precision. `model` is the one
 * that LoRA was added to; the result has its nodes and inputs unchanged.
 */
export function mergeLora(model: Model, values: ReadonlyMap<string, Tensor>, options: LoraOptions): Model {
  const factor = (options.alpha ?? 2 * options.rank) / options.rank;
  const initializers = new Map(model.graph.initializers);
  for (const node of model.graph.nodes) {
    const matrix = node.inputs[1] ?? '';
    const { a, b } = factorNames(matrix);
    const [left, right, weight] = [values.get(a), values.get(b), model.graph.initializers.get(matrix)];
    if (left === undefined || right === undefined || weight === undefined) continue;
    const transposed = node.op === 'Gemm' && intAttribute(node, 'transB', 0) === 1;
    initializers.set(matrix, float32(weight.dims, addProduct(weight, left, right, factor, transposed)));
  }
  return { ...model, graph: { ...model.graph, initializers } };
}

function addProduct(weight: Tensor, left: Tensor, right: Tensor, factor: number, transposed: boolean): Float32Array {
  const [rows, rank] = left.dims as [number, number];
  const columns = right.dims[1] as number;
  const sum = Float32Array.from(weight.data as Float32Array);
  const row = new Float64Array(columns);
  for (let r = 0; r < rows; r++) {
    row.fill(0);
    for (let k = 0; k < rank; k++) {
      const l = left.data[r * rank + k] as number;
      for (let c = 0; c < columns; c++) row[c] = (row[c] as number) + l * (right.data[k * columns + c] as number);
    }
    for (let c = 0; c < columns; c++) {
      const place = transposed ? c * rows + r : r * columns + c;
      sum[place] = (sum[place] as number) + factor * (row[c] as number);
    }
  }
  return sum;
}
