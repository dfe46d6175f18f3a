import { intAttribute } from '../../graph/graph.ts';
import { elementwise } from '../support/elementwise.ts';

/** dxᵢ = yᵢ (dyᵢ − Σⱼ yⱼ dyⱼ), sums along the axis. */
export const softmaxRule = elementwise('Softmax', ({ builder, node, output, gradient }) => {
  const axis = intAttribute(node, 'axis', -1);
  const weighted = builder.mul(gradient, output);
  return builder.sub(weighted, builder.mul(output, builder.reduce('ReduceSum', weighted, [axis])));
});
