import { matMulDims } from '../../../../../src/foundation/onnx/graph/dims.ts';
import { type GradientCase, gradientCase } from '../../../../support/gradient-cases.ts';

const MICROSOFT = 'com.microsoft';

/** f(x + bias), the bias over the last axis. */
const activation = (op: string, withBias: boolean): GradientCase =>
  gradientCase(`${MICROSOFT}.${op}`, withBias ? 'with a bias' : '', (draw) => {
    const dims = draw.dims(1);
    const bias = withBias ? [draw.elements([dims.at(-1) as number])] : [];
    return {
      inputs: [draw.elements(dims), ...bias],
      build: (builder, values) => builder.node(op, values, values[0]!, {}, MICROSOFT),
    };
  });

/** Operators of onnxruntime's own that stand in models which it has optimised. */
export const fusedCases: readonly GradientCase[] = [
  activation('Gelu', false),
  activation('QuickGelu', false),
  activation('FastGelu', false),
  activation('FastGelu', true),
  activation('BiasGelu', true),
  gradientCase(`${MICROSOFT}.FusedMatMul`, 'transposed or not, broadcast', (draw) => {
    const batch = draw.dims(0, 2);
    const [rows, inner, columns] = [draw.integer(1, 3), draw.integer(1, 3), draw.integer(1, 3)];
    const [transA, transB] = [draw.integer(0, 1), draw.integer(0, 1)];
    const left = transA ? [inner, rows] : [rows, inner];
    const right = transB ? [columns, inner] : [inner, columns];
    const rightBatch = draw.broadcastTo(batch);
    const dims = matMulDims([...batch, rows, inner], [...rightBatch, inner, columns]);
    const attributes = { transA, transB, alpha: { kind: 'float', value: 0.7 } } as const;
    return {
      inputs: [draw.elements([...batch, ...left]), draw.elements([...rightBatch, ...right])],
      build: (builder, values) => builder.node('FusedMatMul', values, { type: 'float32', dims }, attributes, MICROSOFT),
    };
  }),
  gradientCase(`${MICROSOFT}.SkipLayerNormalization`, 'with and without bias and sum', (draw) => {
    const [batch, length, size] = [draw.integer(1, 2), draw.integer(1, 3), draw.integer(2, 4)];
    const full = [batch, length, size];
    const optional = draw.integer(0, 2);
    const biases = Array.from({ length: optional }, () => draw.elements([size]));
    const withSum = draw.boolean();
    return {
      inputs: [draw.elements(full), draw.elements(full), draw.elements([size]), ...biases],
      build: (builder, values) => {
        const name = 'skip_normalized';
        const epsilon = { kind: 'float', value: 0.05 } as const;
        const outputs = withSum ? [name, '', '', 'skip_sum'] : [name];
        const inputs = values.map((value) => value.name);
        const node = {
          name,
          op: 'SkipLayerNormalization',
          domain: MICROSOFT,
          inputs,
          outputs,
          attributes: { epsilon },
        };
        return builder.append(node, [values[0]!, null, null, values[0]!]);
      },
    };
  }),
];
