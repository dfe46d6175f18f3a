import type { GradientRule } from '../gradient-rule.ts';
import { inputOf, notCovered, outputGradient } from '../support/context.ts';

/** Does nothing outside its training mode, which is not covered: there its mask would have to be kept. */
export const dropoutRule: GradientRule = {
  op: 'Dropout',
  gradient(context) {
    const mode = context.inputs[2];
    const training = mode && context.builder.constantOf(mode)?.data[0] !== 0;
    if (training) throw notCovered(context.node, 'it runs in training mode');
    return [context.builder.reshape(outputGradient(context), inputOf(context, 0).dims)];
  },
};
