import { floatAttribute } from '../../graph/graph.ts';
import type { Value } from '../../graph/static-graph.ts';
import type { GradientRule } from '../gradient-rule.ts';
import { inputOf, notCovered } from '../support/context.ts';
import { layerNormalizationGradients } from '../support/norm.ts';

/** Normalizes the sum of an input, a skip connection and a bias; its fourth output is that sum. */
export const microsoftSkipLayerNormalizationRule: GradientRule = {
  op: 'com.microsoft.SkipLayerNormalization',
  gradient(context) {
    const { builder, node, inputs, wanted, outputGradients } = context;
    const [input, skip, weight] = [inputOf(context, 0), inputOf(context, 1), inputOf(context, 2)];
    const [, , , bias, sumBias] = inputs;
    const [byOutput, byMean, byInverse, bySum] = outputGradients;
    if (byMean || byInverse) throw notCovered(node, 'a gradient arrives at its statistics');
    const plain = builder.add(input, skip);
    const sum = sumBias ? builder.add(plain, sumBias) : plain;
    const statistic = { type: sum.type, dims: sum.dims.with(-1, 1) };
    const epsilon = { kind: 'float', value: floatAttribute(node, 'epsilon', 1e-12) } as const;
    const through = (gradient: Value): ReadonlyArray<Value | null> => {
      const results = builder.nodeOf('LayerNormalization', [sum, weight], [sum, statistic, statistic], { epsilon });
      const [, mean, inverse] = results as [Value, Value, Value];
      const want = [wanted[0] || wanted[1] || wanted[4], wanted[2], wanted[3]].map((one) => one === true);
      const firstAxis = sum.dims.length - 1;
      return layerNormalizationGradients(builder, {
        input: sum,
        weight,
        mean,
        inverse,
        gradient,
        firstAxis,
        wanted: want,
      });
    };
    const [byNormalized, byWeight, byBias] = byOutput ? through(byOutput) : [];
    const total = byNormalized && bySum ? builder.add(byNormalized, bySum) : (byNormalized ?? bySum ?? null);
    const summand = (value: Value | null | undefined): Value | null =>
      value && total ? builder.sumTo(total, value.dims) : null;
    return [
      wanted[0] ? summand(input) : null,
      wanted[1] ? summand(skip) : null,
      byWeight ?? null,
      bias ? (byBias ?? null) : null,
      wanted[4] ? summand(sumBias) : null,
    ];
  },
};
