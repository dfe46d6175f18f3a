import type { GraphBuilder } from '../../graph/graph-builder.ts';
import type { Value } from '../../graph/static-graph.ts';
import { coveredBehind, type SlidingAxis } from './windows.ts';

/**
 * Gradient of a convolution by its input: each output position's gradient is spread over its window, weighted by the
 * kernel.
 *
 * @param gradient [pictures, outputs, …]
 * @param kernel [outputs, channels / groups, …]
 * @returns [pictures, channels, …]
 */
export function convolutionByInput(
  builder: GraphBuilder,
  gradient: Value,
  kernel: Value,
  axes: readonly SlidingAxis[],
  groups: number,
): Value {
  const fits = axes.every((axis) => axis.stride === 1 && marginsOf(axis).every((size) => size >= 0));
  return (fits ? byTurnedKernel : transposedConvolution)(builder, gradient, kernel, axes, groups);
}

/** Without strides it is a convolution with the kernel turned round, for which onnxruntime is much faster. */
const byTurnedKernel: typeof convolutionByInput = (builder, gradient, kernel, axes, groups) => {
  const [outputs, inner, ...sizes] = kernel.dims as [number, number, ...number[]];
  const spatial = sizes.map((_, axis) => axis + 3);
  const byGroup = builder.reshape(turned(builder, kernel), [groups, outputs / groups, inner, ...sizes]);
  const swapped = builder.transpose(byGroup, [0, 2, 1, ...spatial]);
  const turnedKernel = builder.reshape(swapped, [groups * inner, outputs / groups, ...sizes]);
  const margins = axes.map(marginsOf);
  const dims = [gradient.dims[0] as number, groups * inner, ...axes.map((axis) => axis.inputSize)];
  return builder.node(
    'Conv',
    [gradient, turnedKernel],
    { type: gradient.type, dims },
    {
      group: groups,
      kernel_shape: sizes,
      dilations: axes.map((axis) => axis.dilation),
      pads: [...margins.map(([before]) => before), ...margins.map(([, after]) => after)],
    },
  );
};

/** How far the kernel reaches beyond the gradient on either side. */
function marginsOf(axis: SlidingAxis): [before: number, after: number] {
  const reach = (axis.kernel - 1) * axis.dilation;
  const before = reach - axis.padBefore;
  return [before, axis.inputSize - axis.outputSize + reach - before];
}

/** The kernel with its spatial axes reversed. */
function turned(builder: GraphBuilder, kernel: Value): Value {
  const axes = kernel.dims.flatMap((size, axis) => (axis > 1 && size > 1 ? [axis] : []));
  if (axes.length === 0) return kernel;
  const all = (value: number): Value => builder.ints(axes.map(() => value));
  return builder.node('Slice', [kernel, all(-1), all(-(2 ** 31)), builder.ints(axes), all(-1)], kernel);
}

/** The transpose of a convolution, for any strides. */
export function transposedConvolution(
  builder: GraphBuilder,
  gradient: Value,
  kernel: Value,
  axes: readonly SlidingAxis[],
  groups: number,
): Value {
  const behind = axes.map(coveredBehind);
  const channels = (kernel.dims[1] as number) * groups;
  const dims = [gradient.dims[0] as number, channels, ...axes.map((axis) => axis.inputSize)];
  return builder.node(
    'ConvTranspose',
    [gradient, kernel],
    { type: gradient.type, dims },
    {
      group: groups,
      kernel_shape: axes.map((axis) => axis.kernel),
      strides: axes.map((axis) => axis.stride),
      dilations: axes.map((axis) => axis.dilation),
      pads: [...axes.map((axis) => axis.padBefore), ...behind.map((size) => Math.max(size, 0))],
      output_padding: behind.map((size) => Math.max(-size, 0)),
    },
  );
}
