import { createRandom } from '../../../../src/foundation/core/random.ts';
import type { ValueInfo } from '../../../../src/foundation/onnx/graph/graph.ts';
import { float32, sizeOf, type Tensor } from '../../../../src/foundation/onnx/graph/tensor.ts';

/** Inputs as an encoder gets them: token ids, masks of rows of different lengths, zero token types, pixels in −1 … 1. */
export function feedsFor(
  inputs: ReadonlyArray<Pick<ValueInfo, 'name' | 'type'>>,
  dims: Readonly<Record<string, readonly number[]>>,
  seed = 1,
): Record<string, Tensor> {
  const random = createRandom(seed).next;
  return Object.fromEntries(
    inputs.flatMap(({ name, type }): Array<[string, Tensor]> => {
      const shape = dims[name];
      if (shape === undefined) return [];
      const size = sizeOf(shape);
      if (type === 'float32')
        return [
          [
            name,
            float32(
              shape,
              Float32Array.from({ length: size }, () => 2 * random() - 1),
            ),
          ],
        ];
      const width = shape.at(-1) ?? 1;
      const elementAt = (index: number): number => {
        if (name.includes('mask')) return index % width <= 1 + Math.floor(index / width) * 2 ? 1 : 0;
        return name.includes('type') ? 0 : Math.floor(random() * 20_000);
      };
      return [
        [
          name,
          { type: 'int64', dims: shape, data: BigInt64Array.from({ length: size }, (_, i) => BigInt(elementAt(i))) },
        ],
      ];
    }),
  );
}

/** The largest absolute difference between outputs of the same names. */
export function largestDifference(left: Record<string, Tensor>, right: Record<string, Tensor>): number {
  let largest = 0;
  for (const [name, tensor] of Object.entries(left)) {
    const other = right[name];
    if (other === undefined || other.data.length !== tensor.data.length) return Number.POSITIVE_INFINITY;
    for (let index = 0; index < tensor.data.length; index++) {
      const difference = Math.abs(Number(tensor.data[index]) - Number(other.data[index]));
      if (Number.isNaN(difference)) return Number.NaN;
      largest = Math.max(largest, difference);
    }
  }
  return largest;
}

/** The largest absolute value of all outputs: what a difference is to be compared with. */
export function largestValue(tensors: Record<string, Tensor>): number {
  let largest = 0;
  for (const { data } of Object.values(tensors)) {
    for (const value of data) largest = Math.max(largest, Math.abs(Number(value)));
  }
  return largest;
}
