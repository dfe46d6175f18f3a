import type { GraphBuilder } from '../../../foundation/onnx/graph/graph-builder.ts';
import type { Value } from '../../../foundation/onnx/graph/static-graph.ts';
import { float32 } from '../../../foundation/onnx/graph/tensor.ts';
import { similarities } from './arithmetic.ts';
import { EXCLUDED } from './excluded.ts';
import { listwiseSoftmax } from './listwise-softmax.ts';

/**
 * Each picture among the texts of all classes: the softmax of its similarities against the texts that are right for it.
 * One-sided image to text contrast with every class as a candidate (Radford et al. 2021, their linear classifier made of
 * text vectors).
 *
 * @param pictures `[pictures, dimensions]`, of length 1
 * @param texts `[classes, dimensions]`, of length 1
 * @param classes `[pictures, classes]`, 1 where a text is right for a picture
 */
export const picturesToTexts = (
  builder: GraphBuilder,
  pictures: Value,
  texts: Value,
  classes: Value,
  temperature: number,
): Value => listwiseSoftmax(builder, { scores: similarities(builder, pictures, texts), gains: classes, temperature });

/**
 * Pictures of one class together, of others apart. Khosla et al. 2020, "Supervised Contrastive Learning". A picture without a
 * companion in the batch counts (next to) nothing.
 *
 * @param pictures `[pictures, dimensions]`, of length 1
 * @param classes `[pictures, classes]`, as above
 */
export function picturesOfOneClass(builder: GraphBuilder, pictures: Value, classes: Value, temperature: number): Value {
  const count = pictures.dims[0] as number;
  const diagonal = Float32Array.from({ length: count * count }, (_, place) => (place % (count + 1) === 0 ? 1 : 0));
  const others = builder.constant(
    float32(
      [count, count],
      diagonal.map((one) => 1 - one),
    ),
  );
  const itself = builder.constant(
    float32(
      [count, count],
      diagonal.map((one) => one * EXCLUDED),
    ),
  );
  const companions = builder.mul(similarities(builder, classes, classes), others);
  const total = builder.reduce('ReduceSum', companions, [1], false);
  const counts = builder.node(
    'Min',
    [builder.node('Max', [total, builder.scalar(1e-6)], total), builder.scalar(1)],
    total,
  );
  return listwiseSoftmax(builder, {
    scores: similarities(builder, pictures, pictures),
    gains: companions,
    temperature,
    exclusions: itself,
    weights: counts,
  });
}
