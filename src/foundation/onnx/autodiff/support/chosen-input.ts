import type { Value } from '../../graph/static-graph.ts';
import type { GradientRule } from '../gradient-rule.ts';
import { keepWhere } from './between.ts';
import { inputOf, outputGradient } from './context.ts';

/** A rule for operators whose result is, element by element, one of their inputs. Among equal inputs the first counts. */
export const chosenInput = (op: string): GradientRule => ({
  op,
  gradient(context) {
    const { builder, wanted, outputs } = context;
    const output = outputs[0] as Value;
    let left = outputGradient(context);
    return context.inputs.map((_, index) => {
      if (!wanted.slice(index).some(Boolean)) return null;
      const input = inputOf(context, index);
      if (index === context.inputs.length - 1) return builder.sumTo(left, input.dims);
      const chosen = builder.equal(input, output);
      const own = wanted[index] ? builder.sumTo(keepWhere(builder, chosen, left), input.dims) : null;
      if (wanted.slice(index + 1).some(Boolean)) {
        const not = builder.node('Not', [chosen], chosen);
        left = keepWhere(builder, not, left);
      }
      return own;
    });
  },
});
