import { addresses, type GroupSettings, type UpdateRule } from './update-rule.ts';

/**
 * SGD with momentum as PyTorch defines it (no dampening, no Nesterov; the decay is L2 and goes through the momentum):
 * b ← μ b + g + λ w; w ← w − lr b.
 */
export function sgd(group: GroupSettings, momentum: number): UpdateRule {
  const { weightDecay } = group;
  return {
    moments: 1,
    update(stretch, step, gradientScale) {
      const { value, gradient, firstMoment } = addresses(stretch);
      const { kernels } = stretch.parameter.bank;
      const rate = group.learningRate(step);
      kernels.sgd(value, gradient, firstMoment, stretch.count, gradientScale, momentum, weightDecay, rate);
    },
    idle(stretch, from, to) {
      // Without gradients a step is linear in (w, b); so are many, and their product is one matrix.
      let [a, b, c, d] = [1, 0, 0, 1];
      for (let step = from; step < to; step++) {
        const rate = group.learningRate(step);
        [c, d] = [momentum * c + weightDecay * a, momentum * d + weightDecay * b];
        [a, b] = [a - rate * c, b - rate * d];
      }
      const { value, firstMoment } = addresses(stretch);
      stretch.parameter.bank.kernels.mix(value, firstMoment, stretch.count, a, b, c, d);
    },
  };
}
