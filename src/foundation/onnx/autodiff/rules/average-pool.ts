import { intAttribute, intsAttribute } from '../../graph/graph.ts';
import { float32, sizeOf } from '../../graph/tensor.ts';
import type { GradientRule } from '../gradient-rule.ts';
import { inputOf, outputGradient } from '../support/context.ts';
import { convolutionByInput } from '../support/convolution-input.ts';
import { type SlidingAxis, slidingAxes } from '../support/windows.ts';

/** Each position of a window takes its part: the transpose of a convolution with ones, channels counted as pictures. */
export const averagePoolRule: GradientRule = {
  op: 'AveragePool',
  gradient(context) {
    const { builder, node } = context;
    const { dims } = inputOf(context, 0);
    const gradient = outputGradient(context);
    const kernel = intsAttribute(node, 'kernel_shape') ?? [];
    const axes = slidingAxes(node, dims, gradient.dims, kernel);
    const countPads = intAttribute(node, 'count_include_pad', 0) === 1;

    const shares = axes.map((axis) => averagedCounts(axis, countPads)).reduce(outerProduct);
    const share = builder.constant(
      float32(
        gradient.dims.slice(2),
        shares.map((count) => 1 / count),
      ),
    );
    const ones = builder.constant(float32([1, 1, ...kernel], new Float32Array(sizeOf(kernel)).fill(1)));
    const channels = sizeOf(dims.slice(0, 2));
    const parts = builder.reshape(builder.mul(gradient, share), [channels, 1, ...gradient.dims.slice(2)]);
    return [builder.reshape(convolutionByInput(builder, parts, ones, axes, 1), dims)];
  },
};

/** How many positions of an axis each window averages: those of the input, with its padding when that counts. */
function averagedCounts(axis: SlidingAxis, countPads: boolean): number[] {
  const [first, last] = countPads ? [-axis.padBefore, axis.inputSize + axis.padAfter] : [0, axis.inputSize];
  return Array.from({ length: axis.outputSize }, (_, window) => {
    const start = window * axis.stride - axis.padBefore;
    const positions = Array.from({ length: axis.kernel }, (_, step) => start + step * axis.dilation);
    return positions.filter((position) => position >= first && position < last).length;
  });
}

const outerProduct = (left: number[], right: number[]): number[] => left.flatMap((a) => right.map((b) => a * b));
