import { describe, expect, it } from 'vitest';
import { float32 } from '../../../../src/foundation/onnx/graph/tensor.ts';
import { createOptimizer, type OptimizerOptions } from '../../../../src/foundation/onnx/optimizers/create-optimizer.ts';
import { ParameterStore } from '../../../../src/foundation/onnx/optimizers/parameter-store.ts';

/**
 * Weights after eight steps of PyTorch 2.15 from w_i = cos i with the gradients sin(7i + 3t) · (i even ? 2 : 0.1), after
 * clip_grad_norm_, and with the schedules of transformers 5.
 */
const RECORDED: ReadonlyArray<readonly [name: string, options: OptimizerOptions, weights: readonly number[]]> = [
  [
    'AdamW',
    { kind: 'adamw', learningRate: 0.01, weightDecay: 0.1 },
    [0.984755158, 0.517197549, -0.428423494, -0.995881617, -0.658666134, 0.302135915],
  ],
  [
    'AdamW with a cosine schedule and clipping',
    {
      kind: 'adamw',
      learningRate: 0.05,
      betas: [0.8, 0.98],
      epsilon: 1e-6,
      weightDecay: 0.01,
      clipNorm: 0.5,
      schedule: { kind: 'cosine', warmupSteps: 3, totalSteps: 10 },
    },
    [0.983849168, 0.515246928, -0.431364954, -0.999451041, -0.655151188, 0.312545359],
  ],
  [
    'AdamW with a linear schedule',
    { kind: 'adamw', learningRate: 0.05, schedule: { kind: 'linear', warmupSteps: 2, totalSteps: 8 } },
    [0.987389863, 0.510813296, -0.438587397, -1.00812089, -0.662394941, 0.318557382],
  ],
  [
    'SGD with momentum',
    { kind: 'sgd', learningRate: 0.01, momentum: 0.9, weightDecay: 0.1 },
    [0.962635994, 0.522683322, -0.461172372, -0.963813722, -0.641743004, 0.277157187],
  ],
  [
    'SGD with warm-up and clipping',
    {
      kind: 'sgd',
      learningRate: 0.05,
      momentum: 0.5,
      clipNorm: 1,
      schedule: { kind: 'constant', warmupSteps: 4 },
    },
    [0.989245653, 0.539848685, -0.419072837, -0.989759445, -0.643689513, 0.284179538],
  ],
];

const indices = [0, 1, 2, 3, 4, 5];

describe('optimizers move weights as PyTorch does', () => {
  it.each(RECORDED)('%s', (_, options, weights) => {
    const store = new ParameterStore();
    store.add('w', float32([6], indices.map(Math.cos)));
    const optimizer = createOptimizer(store, options);
    const parameter = store.parameter('w');
    let norm = 0;
    for (let step = 0; step < 8; step++) {
      parameter.view.gradient.set(indices.map((i) => Math.sin(7 * i + 3 * step) * (i % 2 === 1 ? 0.1 : 2)));
      store.gradientWritten(parameter, 'gradient');
      store.batches++;
      norm = optimizer.apply(step).gradientNorm;
    }
    expect(norm).toBeCloseTo(2.68025422, 6);
    store.value('w').forEach((value, i) => void expect(Math.abs(value - (weights[i] as number))).toBeLessThan(2.5e-7));
  });
});
