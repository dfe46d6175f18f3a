import type { Attribute } from '../../../../../src/foundation/onnx/graph/graph.ts';
import { type GradientCase, gradientCase, type Range } from '../../../../support/gradient-cases.ts';

type Attributes = Readonly<Record<string, Attribute | string>>;

function unary(op: string, range: Range = 'any', form = '', attributes: Attributes = {}): GradientCase {
  return gradientCase(op, form, (draw) => ({
    inputs: [draw.elements(draw.dims(), range)],
    build: (builder, [x]) => builder.unary(op, x!, attributes),
  }));
}

const float = (value: number): Attribute => ({ kind: 'float', value });

/** Operators of one element at a time. */
export const elementwiseCases: readonly GradientCase[] = [
  unary('Neg'),
  unary('Abs', 'awayFromZero'),
  unary('Exp'),
  unary('Log', 'positive'),
  unary('Sqrt', 'positive'),
  unary('Reciprocal', 'awayFromZero'),
  unary('Sin'),
  unary('Cos'),
  unary('Tanh'),
  unary('Erf'),
  unary('Sigmoid'),
  unary('Softplus'),
  unary('Softsign', 'awayFromZero'),
  unary('Gelu', 'any', 'exact'),
  unary('Gelu', 'any', 'tanh', { approximate: 'tanh' }),
  unary('Mish'),
  unary('Relu', 'awayFromZero'),
  gradientCase('PRelu', 'broadcasting', (draw) => {
    const dims = draw.dims();
    return {
      inputs: [draw.elements(dims, 'awayFromZero'), draw.elements(draw.broadcastTo(dims))],
      build: (builder, [x, slope]) => builder.node('PRelu', [x!, slope!], x!),
    };
  }),
  unary('LeakyRelu', 'awayFromZero', 'alpha 0.3', { alpha: float(0.3) }),
  unary('Elu', 'awayFromZero'),
  unary('Elu', 'awayFromZero', 'alpha 0.7', { alpha: float(0.7) }),
  unary('Selu', 'awayFromZero'),
  unary('HardSigmoid', 'distinct', 'alpha 0.5', { alpha: float(0.5), beta: float(0.3625) }),
  unary('HardSwish', 'distinct'),
  unary('Sign', 'awayFromZero'),
  ...['Floor', 'Ceil', 'Round'].map((op) =>
    gradientCase(op, '', (draw) => ({
      inputs: [{ ...draw.elements(draw.dims()), ...betweenIntegers(draw.dims()) }],
      build: (builder, [x]) => builder.unary(op, x!),
    })),
  ),
  gradientCase('Clip', 'both bounds', (draw) => ({
    inputs: [draw.elements(draw.dims(), 'distinct'), draw.elements([]), draw.elements([])].map(bounds),
    build: (builder, [x, low, high]) => builder.node('Clip', [x!, low!, high!], x!),
  })),
  gradientCase('Clip', 'one bound', (draw) => ({
    inputs: [draw.elements(draw.dims(), 'distinct')],
    build: (builder, [x]) => builder.node('Clip', [x!, null, builder.scalar(0.475)], x!),
  })),
  gradientCase('Cast', 'to double precision and back', (draw) => ({
    inputs: [draw.elements(draw.dims())],
    build: (builder, [x]) => builder.cast(builder.unary('Exp', builder.cast(x!, 'float64', 11)), 'float32', 1),
  })),
];

/** Far enough from every integer and half that no step jumps. */
function betweenIntegers(dims: readonly number[]): { dims: readonly number[]; data: Float32Array } {
  const length = dims.reduce((product, size) => product * size, 1);
  return { dims, data: Float32Array.from({ length }, (_, at) => (at % 5) - 2 + (at % 2 === 0 ? 0.25 : 0.7)) };
}

/** Bounds that no element of a `distinct` input lies near. */
function bounds<Input extends { data: Float32Array }>(input: Input, at: number): Input {
  return at === 0 ? input : { ...input, data: Float32Array.of(at === 1 ? -0.525 : 0.475) };
}
