import type { GraphBuilder } from '../../../foundation/onnx/graph/graph-builder.ts';
import type { Value } from '../../../foundation/onnx/graph/static-graph.ts';
import { float32 } from '../../../foundation/onnx/graph/tensor.ts';
import { logSumExp, rowSimilarities, scaled, similarities, weightedMean } from './arithmetic.ts';
import { EXCLUDED } from './excluded.ts';

export interface DistillationInputs {
  /** `[rows, dimensions]`; of length 1 for the losses that compare directions. */
  readonly student: Value;
  /** `[rows, dimensions]` of the teacher, which nothing flows back to. */
  readonly teacher: Value;
}

/** Mean squared difference of the vectors' elements (Reimers and Gurevych 2020, "Making Monolingual Sentence Embeddings Multilingual using Knowledge Distillation"). */
export function distillMeanSquared(builder: GraphBuilder, { student, teacher }: DistillationInputs): Value {
  const difference = builder.sub(student, teacher);
  return weightedMean(builder, builder.mul(difference, difference));
}

/**
 * T² · KL(teacher ‖ student) between the softmaxes of each row's similarities to the other rows of the batch, itself
 * left out. Hinton, Vinyals, Dean 2015, "Distilling the Knowledge in a Neural Network"; over similarities of a batch:
 * Fang et al. 2021 (SEED).
 */
export function distillDivergence(
  builder: GraphBuilder,
  { student, teacher }: DistillationInputs,
  temperature: number,
): Value {
  const rows = student.dims[0] as number;
  const itself = builder.constant(
    float32(
      [rows, rows],
      Float32Array.from({ length: rows * rows }, (_, place) => (place % (rows + 1) === 0 ? EXCLUDED : 0)),
    ),
  );
  const logProbabilities = (vectors: Value): Value => {
    const logits = builder.add(scaled(builder, similarities(builder, vectors, vectors), 1 / temperature), itself);
    return builder.sub(logits, builder.reshape(logSumExp(builder, logits, 1), [rows, 1]));
  };
  const wanted = logProbabilities(teacher);
  const difference = builder.sub(wanted, logProbabilities(student));
  const terms = builder.mul(builder.unary('Exp', wanted), difference);
  const perRow = builder.reduce('ReduceSum', terms, [1], false);
  return scaled(builder, weightedMean(builder, perRow), temperature ** 2);
}

/**
 * 1 − cosine(student, teacher), and `similarityWeight` times the mean squared difference of the two in-batch cosine
 * matrices: what made the starter (its card gives weight 10). The matrix term: Tung and Mori 2019, "Similarity-Preserving
 * Knowledge Distillation".
 */
export function distillCosine(
  builder: GraphBuilder,
  { student, teacher }: DistillationInputs,
  similarityWeight = 10,
): Value {
  const cosines = rowSimilarities(builder, student, teacher);
  const direction = builder.sub(builder.scalar(1), weightedMean(builder, cosines));
  const difference = builder.sub(similarities(builder, student, student), similarities(builder, teacher, teacher));
  const structure = weightedMean(builder, builder.mul(difference, difference));
  return builder.add(direction, scaled(builder, structure, similarityWeight));
}
