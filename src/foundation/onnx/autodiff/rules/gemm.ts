import { floatAttribute, intAttribute } from '../../graph/graph.ts';
import type { Value } from '../../graph/static-graph.ts';
import type { GradientRule } from '../gradient-rule.ts';
import { inputOf, outputGradient } from '../support/context.ts';
import { scale } from '../support/numbers.ts';
import { gemm } from '../support/products.ts';

/** Of α A′ B′ + β C: dA′ = α dY B′ᵀ, dB′ = α A′ᵀ dY, dC = β dY; transposed again where the operand is. */
export const gemmRule: GradientRule = {
  op: 'Gemm',
  gradient(context) {
    const { builder, node, wanted } = context;
    const gradient = outputGradient(context);
    const alpha = floatAttribute(node, 'alpha', 1);
    const transA = intAttribute(node, 'transA', 0) === 1;
    const transB = intAttribute(node, 'transB', 0) === 1;
    const [left, right] = [inputOf(context, 0), inputOf(context, 1)];
    const byLeft = (): Value =>
      transA
        ? gemm(builder, right, gradient, { transA: transB, transB: true, alpha })
        : gemm(builder, gradient, right, { transB: !transB, alpha });
    const byRight = (): Value =>
      transB
        ? gemm(builder, gradient, left, { transA: true, transB: transA, alpha })
        : gemm(builder, left, gradient, { transA: !transA, alpha });
    const byBias = (): Value =>
      scale(builder, builder.sumTo(gradient, inputOf(context, 2).dims), floatAttribute(node, 'beta', 1));
    return [wanted[0] ? byLeft() : null, wanted[1] ? byRight() : null, wanted[2] ? byBias() : null];
  },
};
