import { broadcastDims } from '../../../../../src/foundation/onnx/graph/dims.ts';
import type { TrialInput } from '../../../../support/finite-differences.ts';
import { type Draw, type GradientCase, gradientCase, type Range } from '../../../../support/gradient-cases.ts';

/** Two inputs that broadcast against each other, in either order. */
function pair(draw: Draw, left: Range, right: Range): [TrialInput, TrialInput] {
  const dims = draw.dims(0, 3);
  const smaller = draw.broadcastTo(dims);
  return draw.boolean()
    ? [draw.elements(dims, left), draw.elements(smaller, right)]
    : [draw.elements(smaller, left), draw.elements(dims, right)];
}

const binary = (op: string, left: Range = 'any', right: Range = 'any'): GradientCase =>
  gradientCase(op, 'broadcasting', (draw) => ({
    inputs: pair(draw, left, right),
    build: (builder, [a, b]) => builder.node(op, [a!, b!], { type: 'float32', dims: broadcastDims(a!.dims, b!.dims) }),
  }));

/** One to three inputs that broadcast; no two elements that meet are near each other. */
const variadic = (op: string): GradientCase =>
  gradientCase(op, 'one to three inputs', (draw) => {
    const dims = draw.dims(0, 3);
    const inputs = Array.from({ length: draw.integer(1, 3) }, (_, at): TrialInput => {
      const input = draw.elements(at === 0 ? dims : draw.broadcastTo(dims), 'distinct');
      return { ...input, data: input.data.map((value) => value / 2 ** at + at * 0.08) };
    });
    return { inputs, build: (builder, values) => builder.node(op, values, { type: 'float32', dims }) };
  });

const apart = (op: string): GradientCase =>
  gradientCase(op, 'one to three inputs', (draw) => {
    const dims = draw.dims(0, 3);
    const inputs = Array.from({ length: draw.integer(1, 3) }, (_, at): TrialInput => {
      const input = draw.elements(at === 0 ? dims : draw.broadcastTo(dims), 'distinct');
      return { ...input, data: input.data.map((value) => value * 2 + at * 0.16) };
    });
    return { inputs, build: (builder, values) => builder.node(op, values, { type: 'float32', dims }) };
  });

const power = (exponent: number, type: 'float32' | 'int64' = 'float32'): GradientCase =>
  gradientCase('Pow', `constant ${type} exponent ${exponent}`, (draw) => ({
    inputs: [draw.elements(draw.dims(), 'positive')],
    build: (builder, [x]) => {
      const constant = type === 'int64' ? builder.reshape(builder.ints([exponent]), []) : builder.scalar(exponent);
      return builder.node('Pow', [x!, constant], x!);
    },
  }));

/** Operators of several numbers at a time. */
export const arithmeticCases: readonly GradientCase[] = [
  binary('Add'),
  binary('Sub'),
  binary('Mul'),
  binary('Div', 'any', 'awayFromZero'),
  binary('Pow', 'positive'),
  power(2),
  power(3),
  power(0.5),
  power(-1.5),
  power(2, 'int64'),
  gradientCase('Mul', 'a square', (draw) => ({
    inputs: [draw.elements(draw.dims())],
    build: (builder, [x]) => builder.mul(x!, x!),
  })),
  gradientCase('Mul', 'by a constant', (draw) => ({
    inputs: [draw.elements(draw.dims())],
    build: (builder, [x]) => builder.mul(builder.scalar(-1.5), x!),
  })),
  apart('Max'),
  apart('Min'),
  variadic('Sum'),
  variadic('Mean'),
  gradientCase('Where', 'broadcasting', (draw) => {
    const dims = draw.dims(0, 3);
    const condition = draw.elements(draw.broadcastTo(dims), 'awayFromZero');
    return {
      inputs: [{ ...condition, wanted: false }, draw.elements(draw.broadcastTo(dims)), draw.elements(dims)],
      build: (builder, [c, yes, no]) => builder.where(builder.greater(c!, builder.scalar(0)), yes!, no!),
    };
  }),
];
