/**
 * How the learning rate changes: a linear rise over the warm-up, then constant, falling in a line to 0, or along half a
 * cosine (Loshchilov & Hutter 2017).
 */
export interface Schedule {
  readonly kind: 'constant' | 'linear' | 'cosine';
  /** 0 when left out. */
  readonly warmupSteps?: number;
  /** Where the rate has fallen to 0; needed except for `constant`. */
  readonly totalSteps?: number;
}

/**
 * What the learning rate of a step (counted from 0) is multiplied with. The same as transformers'
 * get_{constant,linear,cosine}_schedule_with_warmup, whose first warm-up step has the rate 0.
 */
export function scheduleFactor(schedule: Schedule, step: number): number {
  const { kind, warmupSteps = 0, totalSteps } = schedule;
  if (step < warmupSteps) return step / warmupSteps;
  if (kind === 'constant') return 1;
  if (totalSteps === undefined) throw new Error(`a ${kind} schedule needs totalSteps`);
  const progress = Math.min(1, (step - warmupSteps) / Math.max(1, totalSteps - warmupSteps));
  return kind === 'linear' ? 1 - progress : 0.5 * (1 + Math.cos(Math.PI * progress));
}
