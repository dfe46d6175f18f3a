import { type GradientCase, gradientCase, type Range } from '../../../../support/gradient-cases.ts';

const reduction = (op: string, range: Range = 'any', maxRank = 4): GradientCase =>
  gradientCase(op, 'any axes, kept or not', (draw) => {
    const dims = draw.dims(1, maxRank);
    const axes = draw.axes(dims.length);
    const keep = draw.boolean();
    return {
      inputs: [draw.elements(dims, range)],
      build: (builder, [x]) => builder.reduce(op, x!, axes.length === 0 ? [0] : axes, keep),
    };
  });

/** Sums, means and the like over axes. */
export const reductionCases: readonly GradientCase[] = [
  reduction('ReduceSum'),
  reduction('ReduceMean'),
  reduction('ReduceMax', 'distinct'),
  reduction('ReduceMin', 'distinct'),
  reduction('ReduceL1', 'awayFromZero'),
  reduction('ReduceL2', 'awayFromZero'),
  reduction('ReduceSumSquare'),
  reduction('ReduceLogSum', 'positive'),
  reduction('ReduceLogSumExp'),
  reduction('ReduceProd', 'awayFromZero', 2),
  gradientCase('ReduceProd', 'with zeros', (draw) => {
    const { dims, data, wanted } = draw.elements([3, 4]);
    const zeros = draw.integer(0, 4);
    return {
      inputs: [{ dims, wanted, data: data.map((value, at) => (at % 5 < zeros ? 0 : value)) }],
      build: (builder, [x]) => builder.reduce('ReduceProd', x!, [draw.axis(2)]),
    };
  }),
  gradientCase('ReduceSum', 'all axes, none named', (draw) => ({
    inputs: [draw.elements(draw.dims())],
    build: (builder, [x]) => builder.node('ReduceSum', [x!], { type: 'float32', dims: [] }, { keepdims: 0 }),
  })),
  gradientCase('ReduceSum', 'no axes named, nothing reduced', (draw) => ({
    inputs: [draw.elements(draw.dims())],
    build: (builder, [x]) => builder.node('ReduceSum', [x!], x!, { noop_with_empty_axes: 1 }),
  })),
  gradientCase('CumSum', '', (draw) => {
    const dims = draw.dims(1);
    const axis = draw.axis(dims.length);
    const attributes = { exclusive: draw.integer(0, 1), reverse: draw.integer(0, 1) };
    return {
      inputs: [draw.elements(dims)],
      build: (builder, [x]) => builder.node('CumSum', [x!, builder.reshape(builder.ints([axis]), [])], x!, attributes),
    };
  }),
  ...['Softmax', 'LogSoftmax'].map((op) =>
    gradientCase(op, '', (draw) => {
      const dims = draw.dims(1);
      const axis = draw.axis(dims.length);
      return { inputs: [draw.elements(dims)], build: (builder, [x]) => builder.unary(op, x!, { axis }) };
    }),
  ),
];
