import { COEFFICIENT_STEPS, COEFFICIENTS_PER_STEP } from './memory-bank.ts';
import { addresses, type GroupSettings, type Stretch, type UpdateRule } from './update-rule.ts';

export interface AdamWOptions {
  readonly betas: readonly [number, number];
  readonly epsilon: number;
}

/**
 * AdamW with decoupled weight decay (Loshchilov & Hutter 2019), in PyTorch's order of operations:
 * w ← (1 − lr λ) w; m ← m + (1 − β₁)(g − m); v ← β₂ v + (1 − β₂) g²; w ← w − lr/(1 − β₁ᵗ) · m / (√v/√(1 − β₂ᵗ) + ε).
 */
export function adamw(group: GroupSettings, { betas, epsilon }: AdamWOptions): UpdateRule {
  const [beta1, beta2] = betas;
  const coefficients = new StepCoefficients(group, betas);
  const longest = stepsUntilStill(beta1, beta2);

  return {
    moments: 2,
    update(stretch, step, gradientScale) {
      const { value, gradient, firstMoment, secondMoment } = addresses(stretch);
      const [decay, bias, size] = coefficients.of(step);
      stretch.parameter.bank.kernels.adamw(
        value,
        gradient,
        firstMoment,
        secondMoment,
        stretch.count,
        gradientScale,
        1 - beta1,
        beta2,
        1 - beta2,
        epsilon,
        decay,
        bias,
        size,
      );
    },
    idle(stretch, from, to) {
      const moving = isStill(stretch) ? from : Math.min(to, from + longest);
      for (let step = from; step < moving; step += COEFFICIENT_STEPS) {
        walk(stretch, step, Math.min(moving, step + COEFFICIENT_STEPS));
      }
      if (moving < to) rest(stretch, moving, to);
    },
  };

  /** Step by step, as long as the momentum moves the weights. */
  function walk(stretch: Stretch, from: number, to: number): void {
    const { bank } = stretch.parameter;
    const { value, firstMoment, secondMoment } = addresses(stretch);
    const steps = to - from;
    bank.view(bank.coefficients, steps * COEFFICIENTS_PER_STEP).set(coefficients.between(from, to));
    const { count } = stretch;
    bank.kernels.adamwIdle(value, firstMoment, secondMoment, count, beta1, beta2, epsilon, bank.coefficients, steps);
  }

  /** All that remains at once: decay of the weights and of the moments. */
  function rest(stretch: Stretch, from: number, to: number): void {
    const { kernels } = stretch.parameter.bank;
    const { value, firstMoment, secondMoment } = addresses(stretch);
    const decay = coefficients.decayBetween(from, to);
    if (decay !== 1) kernels.scale(value, stretch.count, decay);
    if (isStill(stretch)) return;
    kernels.scale(firstMoment, stretch.count, beta1 ** (to - from));
    kernels.scale(secondMoment, stretch.count, beta2 ** (to - from));
  }
}

/** A row that never had a gradient. Its memory is not even read for long: the second moment is 0 where no gradient was. */
function isStill({ parameter, first, count }: Stretch): boolean {
  const { secondMoment } = parameter.view;
  for (let i = first; i < first + count; i++) if (secondMoment[i] !== 0) return false;
  return true;
}

/**
 * Without gradients a weight's step m/√v shrinks by β₁/√β₂ each time. After so many steps all that would follow is below
 * 2⁻²⁶ of the first step, less than float32 keeps of a sum with it.
 */
function stepsUntilStill(beta1: number, beta2: number): number {
  const shrink = beta1 / Math.sqrt(beta2);
  if (shrink === 0) return 1;
  if (shrink >= 1) return Number.POSITIVE_INFINITY;
  return Math.ceil((-26 * Math.LN2 + Math.log(1 - shrink)) / Math.log(shrink));
}

/** Per step: decay 1 − lr λ, bias 1/√(1 − β₂ᵗ), size lr/(1 − β₁ᵗ), as float32. Steps count from 0, t from 1. */
class StepCoefficients {
  readonly #group: GroupSettings;
  readonly #betas: readonly [number, number];
  #values = new Float32Array(COEFFICIENT_STEPS * COEFFICIENTS_PER_STEP);
  /** Sum of the logarithms of the decays before each step. */
  readonly #logDecays: number[] = [0];

  constructor(group: GroupSettings, betas: readonly [number, number]) {
    this.#group = group;
    this.#betas = betas;
  }

  of(step: number): readonly [decay: number, bias: number, size: number] {
    const [decay = 1, bias = 1, size = 0] = this.between(step, step + 1);
    return [decay, bias, size];
  }

  between(from: number, to: number): Float32Array {
    this.#extend(to);
    return this.#values.subarray(from * COEFFICIENTS_PER_STEP, to * COEFFICIENTS_PER_STEP);
  }

  /** The product of the decays. */
  decayBetween(from: number, to: number): number {
    this.#extend(to);
    return Math.exp((this.#logDecays[to] as number) - (this.#logDecays[from] as number));
  }

  #extend(steps: number): void {
    if (steps * COEFFICIENTS_PER_STEP > this.#values.length) {
      const longer = new Float32Array(Math.max(steps * COEFFICIENTS_PER_STEP, this.#values.length * 2));
      longer.set(this.#values);
      this.#values = longer;
    }
    const [beta1, beta2] = this.#betas;
    for (let step = this.#logDecays.length - 1; step < steps; step++) {
      const rate = this.#group.learningRate(step);
      const decay = Math.fround(1 - rate * this.#group.weightDecay);
      const bias = 1 / Math.sqrt(1 - beta2 ** (step + 1));
      this.#values.set([decay, bias, rate / (1 - beta1 ** (step + 1))], step * COEFFICIENTS_PER_STEP);
      this.#logDecays.push((this.#logDecays[step] as number) + Math.log(decay));
    }
  }
}
