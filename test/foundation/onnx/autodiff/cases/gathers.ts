import { sizeOf, type Tensor } from '../../../../../src/foundation/onnx/graph/tensor.ts';
import { type Draw, type GradientCase, gradientCase } from '../../../../support/gradient-cases.ts';

const integers = (dims: readonly number[], values: readonly number[]): Tensor => ({
  type: 'int64',
  dims,
  data: BigInt64Array.from(values, BigInt),
});

/** Indices into an axis of this size, negative ones among them. */
const drawn = (draw: Draw, dims: readonly number[], size: number): Tensor =>
  integers(
    dims,
    Array.from({ length: sizeOf(dims) }, () => draw.integer(-size, size - 1)),
  );

/** Operators that fetch elements by index or write them there. */
export const gatherCases: readonly GradientCase[] = [
  gradientCase('Gather', 'several rows, some of them twice', (draw) => {
    const dims = draw.dims(1, 3);
    const axis = draw.axis(dims.length);
    const at = axis < 0 ? axis + dims.length : axis;
    const indices = drawn(draw, [draw.integer(2, 4), ...draw.dims(0, 1)], dims[at] as number);
    const to = dims.toSpliced(at, 1, ...indices.dims);
    return {
      inputs: [draw.elements(dims)],
      build: (builder, [x]) =>
        builder.node('Gather', [x!, builder.constant(indices)], { type: 'float32', dims: to }, { axis }),
    };
  }),
  ...[3, 70].map((rows) =>
    gradientCase('Gather', `data-dependent indices into ${rows} rows`, (draw) => {
      const count = draw.integer(2, 5);
      const indices = drawn(draw, [count], rows);
      return {
        inputs: [draw.elements([rows, 2])],
        build: (builder, [x]) => {
          const zero = builder.reduce('ReduceMax', builder.mul(x!, builder.scalar(0)), [0, 1], false);
          const moved = builder.add(builder.constant(indices), builder.cast(zero, 'int64', 7));
          return builder.node('Gather', [x!, moved], { type: 'float32', dims: [count, 2] }, { axis: 0 });
        },
      };
    }),
  ),
  gradientCase('Gather', 'one row', (draw) => {
    const dims = draw.dims(1, 3);
    const axis = draw.axis(dims.length);
    const at = axis < 0 ? axis + dims.length : axis;
    const indices = drawn(draw, draw.boolean() ? [] : [1], dims[at] as number);
    const to = dims.toSpliced(at, 1, ...indices.dims);
    return {
      inputs: [draw.elements(dims)],
      build: (builder, [x]) =>
        builder.node('Gather', [x!, builder.constant(indices)], { type: 'float32', dims: to }, { axis }),
    };
  }),
  gradientCase('GatherElements', '', (draw) => {
    const dims = draw.dims(1, 3);
    const axis = draw.axis(dims.length);
    const indices = drawn(draw, dims.with(axis, draw.integer(1, 5)), dims.at(axis) as number);
    return {
      inputs: [draw.elements(dims)],
      build: (builder, [x]) =>
        builder.node(
          'GatherElements',
          [x!, builder.constant(indices)],
          { type: 'float32', dims: indices.dims },
          { axis },
        ),
    };
  }),
  gradientCase('GatherND', 'with and without batch axes', (draw) => {
    const [batch, rows, columns, depth] = [
      draw.integer(1, 3),
      draw.integer(1, 3),
      draw.integer(1, 4),
      draw.integer(1, 3),
    ];
    const batchDims = draw.integer(0, 1);
    const size = batchDims === 1 ? columns : batch;
    const indices = drawn(draw, [batch, rows, 1], size);
    const rest = batchDims === 1 ? [depth] : [columns, depth];
    return {
      inputs: [draw.elements([batch, columns, depth])],
      build: (builder, [x]) =>
        builder.node(
          'GatherND',
          [x!, builder.constant(indices)],
          { type: 'float32', dims: [batch, rows, ...rest] },
          { batch_dims: batchDims },
        ),
    };
  }),
  ...(['none', 'add'] as const).flatMap((reduction) => [
    gradientCase('ScatterND', `reduction ${reduction}`, (draw) => {
      const [rows, columns] = [draw.integer(2, 4), draw.integer(1, 4)];
      const indices = reduction === 'none' ? integers([2, 1], [1, 0]) : drawn(draw, [3, 1], rows);
      return {
        inputs: [draw.elements([rows, columns]), draw.elements([indices.dims[0] as number, columns])],
        build: (builder, [x, updates]) =>
          builder.node('ScatterND', [x!, builder.constant(indices), updates!], x!, { reduction }),
      };
    }),
    gradientCase('ScatterElements', `reduction ${reduction}`, (draw) => {
      const [rows, columns] = [draw.integer(2, 4), draw.integer(1, 4)];
      const indices =
        reduction === 'none'
          ? integers(
              [1, columns],
              Array.from({ length: columns }, () => draw.integer(-rows, rows - 1)),
            )
          : drawn(draw, [3, columns], rows);
      return {
        inputs: [draw.elements([rows, columns]), draw.elements(indices.dims)],
        build: (builder, [x, updates]) =>
          builder.node('ScatterElements', [x!, builder.constant(indices), updates!], x!, { axis: 0, reduction }),
      };
    }),
  ]),
];
