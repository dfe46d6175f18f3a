import { intsAttribute, type Node, stringAttribute } from '../../graph/graph.ts';

/** How a kernel slides along one spatial axis. */
export interface SlidingAxis {
  readonly inputSize: number;
  readonly outputSize: number;
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
  readonly padBefore: number;
  readonly padAfter: number;
  /** Length that the windows cover, from the first padded position on. */
  readonly covered: number;
}

/**
 * Reads strides, pads (also automatic ones) and dilations of a convolution or pooling node.
 *
 * @param input dimensions [pictures, channels, …spatial]
 * @param output the same of the result
 */
export function slidingAxes(
  node: Node,
  input: readonly number[],
  output: readonly number[],
  kernel: readonly number[],
): SlidingAxis[] {
  const strides = intsAttribute(node, 'strides');
  const dilations = intsAttribute(node, 'dilations');
  const pads = intsAttribute(node, 'pads');
  const automatic = stringAttribute(node, 'auto_pad', 'NOTSET');
  return kernel.map((size, axis) => {
    const inputSize = input[axis + 2] as number;
    const outputSize = output[axis + 2] as number;
    const [stride, dilation] = [strides?.[axis] ?? 1, dilations?.[axis] ?? 1];
    const covered = (outputSize - 1) * stride + (size - 1) * dilation + 1;
    const same = Math.max(covered - inputSize, 0);
    const smaller = Math.floor(same / 2);
    const [padBefore, padAfter] =
      automatic === 'SAME_UPPER'
        ? [smaller, same - smaller]
        : automatic === 'SAME_LOWER'
          ? [same - smaller, smaller]
          : automatic === 'VALID'
            ? [0, 0]
            : [pads?.[axis] ?? 0, pads?.[axis + kernel.length] ?? 0];
    return { inputSize, outputSize, kernel: size, stride, dilation, padBefore, padAfter, covered };
  });
}

/** What of the covered length lies behind the input; negative where the windows do not reach the input's end. */
export const coveredBehind = (axis: SlidingAxis): number => axis.covered - axis.padBefore - axis.inputSize;
