import { intAttribute } from '../../graph/graph.ts';
import type { GradientRule } from '../gradient-rule.ts';
import { inputOf, outputGradient } from '../support/context.ts';
import { convolutionByInput } from '../support/convolution-input.ts';
import { convolutionByKernel } from '../support/convolution-weight.ts';
import { slidingAxes } from '../support/windows.ts';

/** Convolution with any strides, pads, dilations and groups, over any number of spatial axes. */
export const convRule: GradientRule = {
  op: 'Conv',
  gradient(context) {
    const { builder, node, wanted } = context;
    const gradient = outputGradient(context);
    const [input, kernel] = [inputOf(context, 0), inputOf(context, 1)];
    const groups = intAttribute(node, 'group', 1);
    const axes = slidingAxes(node, input.dims, gradient.dims, kernel.dims.slice(2));
    const exceptChannels = gradient.dims.flatMap((_, axis) => (axis === 1 ? [] : [axis]));
    return [
      wanted[0] ? convolutionByInput(builder, gradient, kernel, axes, groups) : null,
      wanted[1] ? convolutionByKernel(builder, input, gradient, axes, groups) : null,
      wanted[2] ? builder.reduce('ReduceSum', gradient, exceptChannels, false) : null,
    ];
  },
};
