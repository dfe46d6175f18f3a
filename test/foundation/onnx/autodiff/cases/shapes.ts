import { createRandom } from '../../../../../src/foundation/core/random.ts';
import type { GraphBuilder } from '../../../../../src/foundation/onnx/graph/graph-builder.ts';
import type { Value } from '../../../../../src/foundation/onnx/graph/static-graph.ts';
import { sizeOf } from '../../../../../src/foundation/onnx/graph/tensor.ts';
import { type Draw, type GradientCase, gradientCase } from '../../../../support/gradient-cases.ts';

/** A result of other dimensions, made from one input and constant integers. */
const moved = (
  op: string,
  plan: (draw: Draw) => {
    dims: number[];
    to: number[];
    integers?: ReadonlyArray<readonly number[] | null>;
    attributes?: Record<string, number | string | readonly number[]>;
  },
  form = '',
): GradientCase =>
  gradientCase(op, form, (draw) => {
    const { dims, to, integers = [], attributes = {} } = plan(draw);
    const build = (builder: GraphBuilder, [x]: Value[]): Value => {
      const parameters = integers.map((numbers) => (numbers === null ? null : builder.ints(numbers)));
      return builder.node(op, [x!, ...parameters], { type: 'float32', dims: to }, attributes);
    };
    return { inputs: [draw.elements(dims)], build };
  });

/** Operators that move elements, repeat them or leave some out. */
export const shapeCases: readonly GradientCase[] = [
  moved('Identity', (draw) => same(draw.dims())),
  moved('Dropout', (draw) => same(draw.dims()), 'outside training'),
  moved('Reshape', (draw) => {
    const dims = draw.dims();
    return { dims, to: [sizeOf(dims), 1], integers: [[-1, 1]] };
  }),
  moved('Flatten', (draw) => {
    const dims = draw.dims(1);
    const axis = draw.axis(dims.length);
    const at = axis < 0 ? axis + dims.length : axis;
    return { dims, to: [sizeOf(dims.slice(0, at)), sizeOf(dims.slice(at))], attributes: { axis } };
  }),
  moved('Squeeze', (draw) => {
    const dims = draw.dims();
    const at = draw.integer(0, dims.length);
    return { dims: dims.toSpliced(at, 0, 1), to: dims, integers: [[at]] };
  }),
  moved('Unsqueeze', (draw) => {
    const dims = draw.dims();
    const at = draw.integer(0, dims.length);
    return { dims, to: dims.toSpliced(at, 0, 1), integers: [[at]] };
  }),
  moved('Transpose', (draw) => {
    const dims = draw.dims();
    const perm = createRandom(draw.integer(0, 999)).shuffle(dims.map((_, axis) => axis));
    return { dims, to: perm.map((axis) => dims[axis] as number), attributes: dims.length === 0 ? {} : { perm } };
  }),
  moved(
    'Transpose',
    (draw) => {
      const dims = draw.dims();
      return { dims, to: dims.toReversed() };
    },
    'reversed axes',
  ),
  moved('Expand', (draw) => {
    const to = draw.dims();
    return { dims: draw.broadcastTo(to), to, integers: [to] };
  }),
  moved('Tile', (draw) => {
    const dims = draw.dims(1, 3);
    const repeats = dims.map(() => draw.integer(1, 3));
    return { dims, to: dims.map((size, axis) => size * (repeats[axis] as number)), integers: [repeats] };
  }),
  moved(
    'Slice',
    (draw) => {
      const dims = draw.dims(1);
      const axis = draw.axis(dims.length);
      const size = dims.at(axis) as number;
      const start = draw.integer(0, size - 1);
      const end = draw.integer(start + 1, size);
      const from = draw.boolean() ? start : start - size;
      const to = dims.with(axis, end - start);
      return { dims, to, integers: [[from], [end === size ? 2 ** 31 : end], [axis]] };
    },
    'step 1',
  ),
  moved(
    'Slice',
    (draw) => {
      const dims = [draw.integer(2, 6), draw.integer(2, 6)];
      const steps = [draw.integer(2, 3), draw.integer(-3, -1)];
      const to = dims.map((size, axis) => Math.ceil(size / Math.abs(steps[axis] as number)));
      return { dims, to, integers: [[0, -1], [99, -99], [0, 1], steps] };
    },
    'other steps, also backwards',
  ),
  moved('Trilu', (draw) => {
    const dims = draw.dims(2);
    const upper = draw.integer(0, 1);
    return { dims, to: dims, attributes: { upper } };
  }),
  gradientCase('Trilu', 'with a diagonal', (draw) => {
    const dims = draw.dims(2);
    const [upper, diagonal] = [draw.integer(0, 1), draw.integer(-2, 2)];
    return {
      inputs: [draw.elements(dims)],
      build: (builder, [x]) =>
        builder.node('Trilu', [x!, builder.reshape(builder.ints([diagonal]), [])], x!, { upper }),
    };
  }),
  gradientCase('Pad', 'around and cut, with a value', (draw) => {
    const dims = draw.dims(1, 3);
    const [before, after] = [0, 1].map(() => dims.map((size) => draw.integer(size > 2 ? -1 : 0, 2))) as [
      number[],
      number[],
    ];
    const to = dims.map((size, axis) => size + (before[axis] as number) + (after[axis] as number));
    return {
      inputs: [draw.elements(dims), draw.elements([])],
      build: (builder, [x, fill]) =>
        builder.node('Pad', [x!, builder.ints([...before, ...after]), fill!], { type: 'float32', dims: to }),
    };
  }),
  gradientCase('Pad', 'along some axes', (draw) => {
    const dims = draw.dims(1, 3);
    const axis = draw.axis(dims.length);
    const pads = [draw.integer(0, 2), draw.integer(0, 2)];
    const to = dims.with(axis, (dims.at(axis) as number) + (pads[0] as number) + (pads[1] as number));
    return {
      inputs: [draw.elements(dims)],
      build: (builder, [x]) =>
        builder.node('Pad', [x!, builder.ints(pads), null, builder.ints([axis])], { type: 'float32', dims: to }),
    };
  }),
  gradientCase('Concat', '', (draw) => {
    const dims = draw.dims(1, 3);
    const axis = draw.axis(dims.length);
    const sizes = Array.from({ length: draw.integer(1, 3) }, () => draw.integer(1, 3));
    const to = dims.with(
      axis,
      sizes.reduce((sum, size) => sum + size),
    );
    return {
      inputs: sizes.map((size) => draw.elements(dims.with(axis, size))),
      build: (builder, parts) => builder.node('Concat', parts, { type: 'float32', dims: to }, { axis }),
    };
  }),
  gradientCase('Split', 'some parts used', (draw) => {
    const dims = draw.dims(1, 3);
    const axis = draw.axis(dims.length);
    const sizes = Array.from({ length: draw.integer(2, 3) }, () => draw.integer(1, 3));
    const whole = dims.with(
      axis,
      sizes.reduce((sum, size) => sum + size),
    );
    const used = draw.integer(1, sizes.length);
    return {
      inputs: [draw.elements(whole)],
      build: (builder, [x]) => {
        const results = sizes.map((size) => ({ type: 'float32', dims: dims.with(axis, size) }) as const);
        return builder.nodeOf('Split', [x!, builder.ints(sizes)], results, { axis }).slice(0, used);
      },
    };
  }),
];

function same(dims: number[]): { dims: number[]; to: number[] } {
  return { dims, to: dims };
}
