import { floatAttribute, intAttribute } from '../../graph/graph.ts';
import type { Value } from '../../graph/static-graph.ts';
import type { GradientRule } from '../gradient-rule.ts';
import { inputOf, notCovered, outputGradient } from '../support/context.ts';
import { scale } from '../support/numbers.ts';

/** Of α A′ B′: dA′ = α dY B′ᵀ, dB′ = α A′ᵀ dY; transposed again where the operand is, broadcast axes summed. */
export const microsoftFusedMatMulRule: GradientRule = {
  op: 'com.microsoft.FusedMatMul',
  gradient(context) {
    const { builder, node, wanted } = context;
    const [left, right] = [inputOf(context, 0), inputOf(context, 1)];
    const batchMoved = ['transBatchA', 'transBatchB'].some((name) => intAttribute(node, name, 0) === 1);
    if (batchMoved || Math.min(left.dims.length, right.dims.length) < 2) {
      throw notCovered(node, 'it moves a batch axis or multiplies a vector');
    }
    const turned = (value: Value, attribute: string): Value =>
      intAttribute(node, attribute, 0) === 1 ? builder.transposeLast(value) : value;
    const gradient = scale(builder, outputGradient(context), floatAttribute(node, 'alpha', 1));
    const byLeft = (): Value =>
      turned(builder.matMul(gradient, builder.transposeLast(turned(right, 'transB'))), 'transA');
    const byRight = (): Value =>
      turned(builder.matMul(builder.transposeLast(turned(left, 'transA')), gradient), 'transB');
    return [
      wanted[0] ? builder.sumTo(byLeft(), left.dims) : null,
      wanted[1] ? builder.sumTo(byRight(), right.dims) : null,
    ];
  },
};
