import { type Draw, type GradientCase, gradientCase } from '../../../../support/gradient-cases.ts';

interface Sliding {
  readonly input: number[];
  readonly output: number[];
  readonly kernel: number[];
  readonly attributes: Record<string, readonly number[] | string | number>;
}

/** A window that slides over one or two axes, with strides, dilations and pads by axis. */
function sliding(draw: Draw, rank: number, options: { maxKernel?: number; padsBelowKernel?: boolean } = {}): Sliding {
  const axes = Array.from({ length: rank }, () => {
    const kernel = draw.integer(1, options.maxKernel ?? 3);
    const stride = draw.integer(1, 3);
    const most = options.padsBelowKernel ? kernel - 1 : 2;
    const [before, after] = [draw.integer(0, Math.min(2, most)), draw.integer(0, Math.min(2, most))];
    // A pooling window that lies in its padding alone has no maximum and no mean.
    const dilation = options.padsBelowKernel && before + after > 0 ? 1 : draw.integer(1, 2);
    const reach = (kernel - 1) * dilation + 1;
    const input = Math.max(1, reach - before - after) + draw.integer(0, 3);
    return {
      kernel,
      stride,
      dilation,
      before,
      after,
      input,
      output: Math.floor((input + before + after - reach) / stride) + 1,
    };
  });
  return {
    input: axes.map((axis) => axis.input),
    output: axes.map((axis) => axis.output),
    kernel: axes.map((axis) => axis.kernel),
    attributes: {
      kernel_shape: axes.map((axis) => axis.kernel),
      strides: axes.map((axis) => axis.stride),
      dilations: axes.map((axis) => axis.dilation),
      pads: [...axes.map((axis) => axis.before), ...axes.map((axis) => axis.after)],
    },
  };
}

function convolution(
  form: string,
  rank: number,
  channelsOf: (draw: Draw) => [groups: number, inner: number, outer: number],
  maxKernel = 3,
): GradientCase {
  return gradientCase('Conv', form, (draw) => {
    const [groups, inner, outer] = channelsOf(draw);
    const { input, output, kernel, attributes } = sliding(draw, rank, { maxKernel });
    const pictures = draw.integer(1, 2);
    const bias = draw.boolean() ? [draw.elements([groups * outer])] : [];
    return {
      inputs: [
        draw.elements([pictures, groups * inner, ...input]),
        draw.elements([groups * outer, inner, ...kernel]),
        ...bias,
      ],
      build: (builder, values) =>
        builder.node(
          'Conv',
          values,
          { type: 'float32', dims: [pictures, groups * outer, ...output] },
          { ...attributes, group: groups },
        ),
    };
  });
}

const pooling = (
  op: string,
  rank: number,
  form: string,
  extra: (draw: Draw) => Record<string, number> = () => ({}),
): GradientCase =>
  gradientCase(op, form, (draw) => {
    const { input, output, attributes } = sliding(draw, rank, { padsBelowKernel: true });
    const outer = [draw.integer(1, 2), draw.integer(1, 2)];
    const more = extra(draw);
    return {
      inputs: [draw.elements([...outer, ...input], 'distinct')],
      build: (builder, [x]) =>
        builder.node(op, [x!], { type: 'float32', dims: [...outer, ...output] }, { ...attributes, ...more }),
    };
  });

/** Convolutions and poolings. */
export const convolutionCases: readonly GradientCase[] = [
  convolution('one axis', 1, (draw) => [1, draw.integer(1, 2), draw.integer(1, 2)]),
  convolution('two axes', 2, (draw) => [1, draw.integer(1, 2), draw.integer(1, 2)]),
  convolution('groups', 2, (draw) => [2, draw.integer(1, 2), draw.integer(1, 2)]),
  convolution('depthwise', 2, (draw) => [draw.integer(2, 3), 1, 1]),
  convolution('large kernels', 1, (draw) => [draw.integer(1, 2), draw.integer(1, 2), draw.integer(1, 2)], 12),
  gradientCase('Conv', 'pads chosen automatically', (draw) => {
    const [size, kernel, stride] = [draw.integer(2, 5), draw.integer(1, 3), draw.integer(1, 2)];
    const attributes = { auto_pad: draw.pick(['SAME_UPPER', 'SAME_LOWER']), strides: [stride], kernel_shape: [kernel] };
    return {
      inputs: [draw.elements([1, 2, size]), draw.elements([2, 2, kernel])],
      build: (builder, values) =>
        builder.node('Conv', values, { type: 'float32', dims: [1, 2, Math.ceil(size / stride)] }, attributes),
    };
  }),
  pooling('MaxPool', 1, 'one axis'),
  pooling('MaxPool', 2, 'two axes'),
  pooling('AveragePool', 1, 'one axis', (draw) => ({ count_include_pad: draw.integer(0, 1) })),
  pooling('AveragePool', 2, 'two axes', (draw) => ({ count_include_pad: draw.integer(0, 1) })),
  ...(['MaxPool', 'AveragePool'] as const).map((op) =>
    gradientCase(op, 'sizes rounded up', (draw) => {
      const [size, stride] = [draw.integer(3, 9), draw.integer(2, 3)];
      const dims = [1, 2, Math.ceil((size - 3) / stride) + 1];
      const attributes = { kernel_shape: [3], strides: [stride], ceil_mode: 1 };
      return {
        inputs: [draw.elements([1, 2, size], 'distinct')],
        build: (builder, [x]) => builder.node(op, [x!], { type: 'float32', dims }, attributes),
      };
    }),
  ),
  ...(['GlobalAveragePool', 'GlobalMaxPool'] as const).map((op) =>
    gradientCase(op, '', (draw) => {
      const outer = [draw.integer(1, 2), draw.integer(1, 3)];
      const spatial = draw.dims(1, 2);
      return {
        inputs: [draw.elements([...outer, ...spatial], 'distinct')],
        build: (builder, [x]) => builder.node(op, [x!], { type: 'float32', dims: [...outer, ...spatial.map(() => 1)] }),
      };
    }),
  ),
];
