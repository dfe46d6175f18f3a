import type { GraphBuilder } from '../../graph/graph-builder.ts';
import type { Value } from '../../graph/static-graph.ts';
import { sizeOf } from '../../graph/tensor.ts';
import { joined, padded } from './pieces.ts';
import { coveredBehind, type SlidingAxis } from './windows.ts';

/** Up to this many kernel positions, one product for each of them is faster than a convolution with a huge kernel. */
const FEW_POSITIONS = 9;

/**
 * Gradient of a convolution by its kernel.
 *
 * @param input [pictures, channels, …]
 * @param gradient [pictures, outputs, …]
 * @returns [outputs, channels / groups, …kernel]
 */
export function convolutionByKernel(
  builder: GraphBuilder,
  input: Value,
  gradient: Value,
  axes: readonly SlidingAxis[],
  groups: number,
): Value {
  const none = [0, 0];
  const behind = axes.map(coveredBehind);
  const covered = padded(builder, input, [...none, ...axes.map((axis) => axis.padBefore)], [...none, ...behind]);
  const positions = sizeOf(axes.map((axis) => axis.kernel));
  const way = positions <= FEW_POSITIONS ? byPosition : byConvolution;
  return way(builder, covered, gradient, axes, groups);
}

type Way = typeof convolutionByKernel;

/** For each kernel position, the product over all output positions of the gradient and the input it met there. */
const byPosition: Way = (builder, covered, gradient, axes, groups) => {
  const [pictures, channels] = covered.dims as [number, number];
  const outputs = gradient.dims[1] as number;
  const size = sizeOf(axes.map((axis) => axis.outputSize));
  const rows = builder.reshape(gradient, [pictures, groups, outputs / groups, size]);
  const kernel = axes.map((axis) => axis.kernel);
  const parts = Array.from({ length: sizeOf(kernel) }, (_, position) => {
    const met = metAt(builder, covered, axes, coordinates(position, kernel));
    const columns = builder.reshape(met, [pictures, groups, channels / groups, size]);
    const product = builder.matMul(rows, builder.transposeLast(columns));
    return builder.reshape(builder.reduce('ReduceSum', product, [0], false), [outputs, channels / groups, 1]);
  });
  return builder.reshape(joined(builder, parts, 2), [outputs, channels / groups, ...kernel]);
};

/** A convolution of the input with the gradient: pictures take the part of channels, strides that of dilations. */
const byConvolution: Way = (builder, covered, gradient, axes, groups) => {
  const [pictures, channels, ...spatial] = covered.dims as [number, number, ...number[]];
  const [, outputs, ...positions] = gradient.dims as [number, number, ...number[]];
  const inner = channels / groups;
  const spatialAxes = axes.map((_, axis) => axis + 3);
  const byGroup = builder.reshape(covered, [pictures, groups, inner, ...spatial]);
  const image = builder.reshape(builder.transpose(byGroup, [2, 1, 0, ...spatialAxes]), [
    inner,
    groups * pictures,
    ...spatial,
  ]);
  const swapped = axes.map((_, axis) => axis + 2);
  const kernel = builder.transpose(gradient, [1, 0, ...swapped]);
  const dims = [inner, outputs, ...axes.map((axis) => axis.kernel)];
  const product = builder.node(
    'Conv',
    [image, kernel],
    { type: gradient.type, dims },
    {
      group: groups,
      kernel_shape: positions,
      strides: axes.map((axis) => axis.dilation),
      dilations: axes.map((axis) => axis.stride),
    },
  );
  return builder.transpose(product, [1, 0, ...swapped]);
};

/** The elements of the input that one kernel position meets, in the order of the output positions. */
function metAt(builder: GraphBuilder, covered: Value, axes: readonly SlidingAxis[], at: readonly number[]): Value {
  const starts = axes.map((axis, index) => (at[index] as number) * axis.dilation);
  const ends = axes.map((axis, index) => (starts[index] as number) + (axis.outputSize - 1) * axis.stride + 1);
  const whole = axes.every(
    (axis, index) => starts[index] === 0 && axis.stride === 1 && ends[index] === covered.dims[index + 2],
  );
  if (whole) return covered;
  const dims = [...covered.dims.slice(0, 2), ...axes.map((axis) => axis.outputSize)];
  const spatial = axes.map((_, index) => index + 2);
  const steps = axes.map((axis) => axis.stride);
  const inputs = [covered, ...[starts, ends, spatial, steps].map((numbers) => builder.ints(numbers))];
  return builder.node('Slice', inputs, { type: covered.type, dims });
}

function coordinates(position: number, dims: readonly number[]): number[] {
  return dims.map((size, axis) => Math.floor(position / sizeOf(dims.slice(axis + 1))) % size);
}
