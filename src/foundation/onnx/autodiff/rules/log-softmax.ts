import { intAttribute } from '../../graph/graph.ts';
import { elementwise } from '../support/elementwise.ts';

/** dxᵢ = dyᵢ − softmax(x)ᵢ Σⱼ dyⱼ, sums along the axis. */
export const logSoftmaxRule = elementwise('LogSoftmax', ({ builder, node, output, gradient }) => {
  const sums = builder.reduce('ReduceSum', gradient, [intAttribute(node, 'axis', -1)]);
  return builder.sub(gradient, builder.mul(builder.unary('Exp', output), sums));
});
