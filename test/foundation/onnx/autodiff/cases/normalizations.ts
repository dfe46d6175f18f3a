import { type GradientCase, gradientCase } from '../../../../support/gradient-cases.ts';

/** Normalizations with weights. */
export const normalizationCases: readonly GradientCase[] = [
  gradientCase('LayerNormalization', 'over the last axes', (draw) => {
    const dims = [...draw.dims(1, 2), draw.integer(2, 5)];
    const axis = draw.pick([-1, dims.length - 1, -2]);
    const normalized = dims.slice(axis);
    const bias = draw.boolean() ? [draw.elements(normalized)] : [];
    return {
      inputs: [draw.elements(dims), draw.elements(normalized), ...bias],
      build: (builder, values) =>
        builder.node('LayerNormalization', values, values[0]!, { axis, epsilon: { kind: 'float', value: 0.05 } }),
    };
  }),
  gradientCase('BatchNormalization', 'with given statistics', (draw) => {
    const channels = draw.integer(1, 4);
    const perChannel = ['any', 'any', 'any', 'positive'] as const;
    return {
      inputs: [
        draw.elements([draw.integer(1, 3), channels, ...draw.dims(0, 2)]),
        ...perChannel.map((range) => draw.elements([channels], range)),
      ],
      build: (builder, values) =>
        builder.node('BatchNormalization', values, values[0]!, { epsilon: { kind: 'float', value: 0.1 } }),
    };
  }),
  gradientCase('InstanceNormalization', '', (draw) => {
    const channels = draw.integer(1, 3);
    return {
      inputs: [
        draw.elements([draw.integer(1, 2), channels, draw.integer(2, 3), ...draw.dims(1, 1)]),
        draw.elements([channels]),
        draw.elements([channels]),
      ],
      build: (builder, values) =>
        builder.node('InstanceNormalization', values, values[0]!, { epsilon: { kind: 'float', value: 0.05 } }),
    };
  }),
  gradientCase('GroupNormalization', 'one weight a channel', (draw) => {
    const [groups, size] = [draw.integer(1, 2), draw.integer(1, 2)];
    const channels = groups * size;
    return {
      inputs: [
        draw.elements([draw.integer(1, 2), channels, draw.integer(2, 3), 2]),
        draw.elements([channels]),
        draw.elements([channels]),
      ],
      build: (builder, values) => {
        builder.raiseOpset(21);
        const epsilon = { kind: 'float', value: 0.05 } as const;
        return builder.node('GroupNormalization', values, values[0]!, { num_groups: groups, epsilon });
      },
    };
  }),
];
