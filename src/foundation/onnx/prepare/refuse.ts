import { describeNode, type Model, type Node } from '../graph/graph.ts';
import { invalidModel } from '../model-file/invalid-model.ts';

const WAYS_OUT = {
  integers: 'Export the model with fp32 or fp16 weights, or with weights alone in int8 (weight-only quantisation).',
  control: 'Export it with fixed control flow: trace it, or run onnxsim on it.',
  domain: 'Export it with standard operators; inline functions with onnx.inliner.',
  data: 'Export the model so that shapes follow from the shapes of its inputs.',
  sequence: 'Export a model that computes with tensors alone.',
  random: 'Export it in evaluation mode.',
} as const;

type Reason = keyof typeof WAYS_OUT;

const SAYING: Record<Reason, string> = {
  integers: 'computes with integers, through which no gradient flows',
  control: 'decides at run time what to compute',
  domain: 'is no operator of the standard or of onnxruntime',
  data: 'gives a result whose shape depends on the data, not on the shapes of the inputs',
  sequence: 'handles a sequence or an optional value',
  random: 'draws random numbers',
};

/** Operators that a graph for training cannot have, unless they depend on constants alone. */
const REFUSED: Readonly<Record<string, Reason>> = {
  MatMulInteger: 'integers',
  ConvInteger: 'integers',
  DynamicQuantizeLinear: 'integers',
  QuantizeLinear: 'integers',
  QLinearMatMul: 'integers',
  QLinearConv: 'integers',
  If: 'control',
  Loop: 'control',
  Scan: 'control',
  NonZero: 'data',
  Compress: 'data',
  Unique: 'data',
  NonMaxSuppression: 'data',
  RandomNormal: 'random',
  RandomNormalLike: 'random',
  RandomUniform: 'random',
  RandomUniformLike: 'random',
  Multinomial: 'random',
  Bernoulli: 'random',
  Optional: 'sequence',
  OptionalGetElement: 'sequence',
  OptionalHasElement: 'sequence',
  SplitToSequence: 'sequence',
  ConcatFromSequence: 'sequence',
};

/** Quantised operators of onnxruntime: QAttention, QGemm, DynamicQuantizeMatMul, MatMulIntegerToFloat, MatMulNBits, … */
const QUANTISED = /^(Q[A-Z]|DynamicQuantize|MatMulInteger|MatMulNBits|MatMulBnb4|QuantizeLinear|DequantizeLinear)/;

function reasonAgainst(node: Node): Reason | undefined {
  if (node.domain === '') return node.op.startsWith('Sequence') ? 'sequence' : REFUSED[node.op];
  if (node.domain === 'com.microsoft') return QUANTISED.test(node.op) ? 'integers' : undefined;
  return 'domain';
}

/** Operators whose results differ from run to run must not be folded even if nothing goes in. */
export const isRandom = (node: Node): boolean => REFUSED[node.op] === 'random';

/** Throws `invalid_model` for the first node that a graph for training cannot have, naming it and the way out. */
export function refuseOperators(nodes: readonly Node[]): void {
  for (const node of nodes) {
    const reason = reasonAgainst(node);
    if (reason !== undefined) throw invalidModel(`${describeNode(node)} ${SAYING[reason]}.`, WAYS_OUT[reason]);
  }
}

/** Throws `invalid_model` for operators that onnxruntime does not have, before it says so with less detail. */
export function refuseUnknownDomains({ graph }: Model): void {
  const unknown = graph.nodes.find((node) => reasonAgainst(node) === 'domain');
  if (unknown !== undefined) throw invalidModel(`${describeNode(unknown)} ${SAYING.domain}.`, WAYS_OUT.domain);
}

/** Which inputs of an operator parametrise the shape of its result, and must be known beforehand. */
const SHAPE_INPUTS: Readonly<Record<string, readonly number[]>> = {
  Reshape: [1],
  Expand: [1],
  Tile: [1],
  ConstantOfShape: [0],
  Range: [0, 1, 2],
  Slice: [1, 2, 3, 4],
  Pad: [1, 3],
  Split: [1],
  Squeeze: [1],
  Unsqueeze: [1],
  TopK: [1],
  OneHot: [1],
  Resize: [1, 2, 3],
};

/** Throws `invalid_model` when the shape of a result is computed from the data that is fed. */
export function refuseDataShapes(nodes: readonly Node[], isConstant: (name: string) => boolean): void {
  for (const node of nodes) {
    const positions = node.domain === '' && node.op.startsWith('Reduce') ? [1] : (SHAPE_INPUTS[node.op] ?? []);
    const computed = positions
      .map((position) => node.inputs[position] ?? '')
      .find((name) => name !== '' && !isConstant(name));
    if (computed !== undefined) {
      throw invalidModel(`${describeNode(node)} ${SAYING.data} (its input "${computed}").`, WAYS_OUT.data);
    }
  }
}
