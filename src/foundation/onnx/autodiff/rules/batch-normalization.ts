import { floatAttribute, intAttribute } from '../../graph/graph.ts';
import type { Value } from '../../graph/static-graph.ts';
import type { GradientRule } from '../gradient-rule.ts';
import { inputOf, notCovered, outputGradient } from '../support/context.ts';
import { number } from '../support/numbers.ts';

/** In its inference form, with given mean and variance by channel: y = (x − m) s + b with s = weight / √(v + ε). */
export const batchNormalizationRule: GradientRule = {
  op: 'BatchNormalization',
  gradient(context) {
    const { builder, node, wanted } = context;
    if (intAttribute(node, 'training_mode', 0) === 1) throw notCovered(node, 'it runs in training mode');
    const [input, weight, , mean, variance] = [0, 1, 2, 3, 4].map((index) => inputOf(context, index)) as Five;
    const gradient = outputGradient(context);
    const channels = input.dims.map((size, axis) => (axis === 1 ? size : 1));
    const spread = builder.add(variance, number(builder, variance, floatAttribute(node, 'epsilon', 1e-5)));
    const inverse = builder.unary('Reciprocal', builder.unary('Sqrt', spread));
    const perChannel = (value: Value): Value => builder.reshape(value, channels);
    const sum = (value: Value): Value => builder.reshape(builder.sumTo(value, channels), weight.dims);

    const factor = builder.mul(weight, inverse);
    const centered = (): Value => builder.sub(input, perChannel(mean));
    const byFactor = wanted[1] || wanted[4] ? sum(builder.mul(gradient, centered())) : null;
    const byBias = wanted[2] || wanted[3] ? sum(gradient) : null;
    const byVariance = (by: Value): Value =>
      builder.mul(builder.mul(by, factor), builder.div(number(builder, by, -0.5), spread));
    return [
      wanted[0] ? builder.mul(gradient, perChannel(factor)) : null,
      wanted[1] && byFactor ? builder.mul(byFactor, inverse) : null,
      wanted[2] ? byBias : null,
      wanted[3] && byBias ? builder.unary('Neg', builder.mul(byBias, factor)) : null,
      wanted[4] && byFactor ? byVariance(byFactor) : null,
    ];
  },
};

type Five = [Value, Value, Value, Value, Value];
