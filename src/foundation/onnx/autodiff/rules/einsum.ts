import { stringAttribute } from '../../graph/graph.ts';
import type { GraphBuilder } from '../../graph/graph-builder.ts';
import type { Value } from '../../graph/static-graph.ts';
import type { GradientRule } from '../gradient-rule.ts';
import { inputOf, notCovered, outputGradient } from '../support/context.ts';

/** Einstein summation: the gradient by an operand is the summation of the result's gradient with the other operands. */
export const einsumRule: GradientRule = {
  op: 'Einsum',
  gradient(context) {
    const { builder, node, wanted } = context;
    const { operands, result } = parsed(stringAttribute(node, 'equation', ''));
    if ([...operands, result].some((labels) => labels.includes('.') || new Set(labels).size < labels.length)) {
      throw notCovered(node, 'its equation has an ellipsis or repeats a label within an operand');
    }
    const values = operands.map((_, index) => inputOf(context, index));
    const gradient = outputGradient(context);
    return operands.map((labels, index) => {
      if (!wanted[index]) return null;
      const factors = [gradient, ...values.toSpliced(index, 1)];
      const factorLabels = [result, ...operands.toSpliced(index, 1)];
      return summed(builder, factors, factorLabels, labels, values[index] as Value);
    });
  },
};

function parsed(equation: string): { operands: string[]; result: string } {
  const [left = '', right] = equation.replaceAll(' ', '').split('->');
  const labels = [...left.replaceAll(',', '')].sort();
  const once = labels.filter((label) => labels.indexOf(label) === labels.lastIndexOf(label)).join('');
  return { operands: left.split(','), result: right ?? once };
}

/** A label that stands in this operand alone was summed over: its gradient is the same all along that axis. */
function summed(
  builder: GraphBuilder,
  factors: readonly Value[],
  factorLabels: readonly string[],
  labels: string,
  like: Value,
): Value {
  const known = [...labels].map((label) => factorLabels.some((other) => other.includes(label)));
  const kept = [...labels].filter((_, axis) => known[axis]).join('');
  const dims = like.dims.filter((_, axis) => known[axis]);
  const equation = `${factorLabels.join(',')}->${kept}`;
  const sum = builder.node('Einsum', factors, { type: like.type, dims }, { equation });
  const withOnes = like.dims.map((size, axis) => (known[axis] ? size : 1));
  return builder.expand(builder.reshape(sum, withOnes), like.dims);
}
