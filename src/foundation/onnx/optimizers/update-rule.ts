import type { Parameter } from './parameter.ts';

/** What the members of a parameter group have in common, as functions of the step (counted from 0). */
export interface GroupSettings {
  learningRate(step: number): number;
  readonly weightDecay: number;
}

/** An optimizer's formula for a stretch of a parameter: `first` element, `count` elements. */
export interface UpdateRule {
  readonly moments: 0 | 1 | 2;
  /** One step with the gradient in the store times `gradientScale`. */
  update(stretch: Stretch, step: number, gradientScale: number): void;
  /** What the steps `from` ≤ step < `to` do where the gradient is zero. */
  idle(stretch: Stretch, from: number, to: number): void;
}

export interface Stretch {
  readonly parameter: Parameter;
  readonly first: number;
  readonly count: number;
}

/** Byte addresses of a stretch in its bank. */
export function addresses({ parameter: { at }, first }: Stretch) {
  const offset = first * 4;
  return {
    value: at.value + offset,
    gradient: at.gradient + offset,
    firstMoment: at.firstMoment + offset,
    secondMoment: at.secondMoment + offset,
  };
}
