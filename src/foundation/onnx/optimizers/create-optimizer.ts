import { adamw } from './adamw.ts';
import type { Parameter } from './parameter.ts';
import type { ParameterStore } from './parameter-store.ts';
import { type Schedule, scheduleFactor } from './schedule.ts';
import { sgd } from './sgd.ts';
import type { Stretch, UpdateRule } from './update-rule.ts';

/** Parameters with settings of their own. The first group that a parameter belongs to counts. */
export interface ParameterGroup {
  readonly includes: (name: string, dims: readonly number[]) => boolean;
  readonly weightDecay?: number;
  /** Multiplies the learning rate. */
  readonly learningRateFactor?: number;
}

export interface OptimizerOptions {
  readonly kind: 'adamw' | 'sgd';
  readonly learningRate: number;
  /** AdamW: decay rates of the moments, (0.9, 0.999). */
  readonly betas?: readonly [number, number];
  /** AdamW: 1e-8. */
  readonly epsilon?: number;
  /** SGD: 0.9. */
  readonly momentum?: number;
  /** 0 when left out. Decoupled in AdamW, L2 in SGD. */
  readonly weightDecay?: number;
  readonly groups?: readonly ParameterGroup[];
  /** Gradients whose norm over all parameters is larger are scaled down to it. */
  readonly clipNorm?: number;
  /** Constant when left out. */
  readonly schedule?: Schedule;
}

export interface AppliedStep {
  /** Of parameters in no group. */
  readonly learningRate: number;
  /** Norm of the mean gradient over all parameters, before clipping. */
  readonly gradientNorm: number;
}

export interface Optimizer {
  /**
   * Moves the weights by the mean of the gradients in the store and clears these. Steps count from 0 and are made in order;
   * a parameter that no batch reached stays as it is.
   */
  apply(step: number): AppliedStep;
}

/** An optimizer over all parameters of the store, those too that are added later. */
export function createOptimizer(store: ParameterStore, options: OptimizerOptions): Optimizer {
  const rules = new Map<ParameterGroup | null, UpdateRule>();
  const groups = options.groups ?? [];
  const ruleOf = ({ name, dims }: Parameter): UpdateRule => {
    const group = groups.find((each) => each.includes(name, dims)) ?? null;
    const rule = rules.get(group) ?? createRule(options, group);
    rules.set(group, rule);
    return rule;
  };
  store.attach({
    moments: options.kind === 'adamw' ? 2 : 1,
    catchUp(parameter, rows, steps) {
      const rule = ruleOf(parameter);
      for (const row of rows) catchUpRow(parameter, row, steps, rule);
    },
  });
  return {
    apply(step) {
      if (store.batches === 0) throw new Error('there is no gradient to apply');
      const mean = 1 / store.batches;
      const gradientNorm = mean * Math.sqrt(sumOfSquares(store));
      // PyTorch's clip_grad_norm_ divides by norm + 1e-6.
      const clip = options.clipNorm === undefined ? 1 : Math.min(1, options.clipNorm / (gradientNorm + 1e-6));
      for (const parameter of store.parameters()) {
        if (!parameter.hasGradient) continue;
        const rule = ruleOf(parameter);
        for (const row of parameter.rows?.touched ?? []) catchUpRow(parameter, row, step, rule);
        for (const stretch of stretches(parameter)) rule.update(stretch, step, mean * clip);
        for (const row of parameter.rows?.touched ?? [])
          (parameter.rows as { clock: Int32Array }).clock[row] = step + 1;
      }
      store.clearGradients();
      store.stepsDone = step + 1;
      return { learningRate: options.learningRate * factorAt(options, step), gradientNorm };
    },
  };
}

function createRule(options: OptimizerOptions, group: ParameterGroup | null): UpdateRule {
  const highest = options.learningRate * (group?.learningRateFactor ?? 1);
  const settings = {
    learningRate: (step: number) => highest * factorAt(options, step),
    weightDecay: group?.weightDecay ?? options.weightDecay ?? 0,
  };
  const { betas = [0.9, 0.999], epsilon = 1e-8, momentum = 0.9 } = options;
  return options.kind === 'adamw' ? adamw(settings, { betas, epsilon }) : sgd(settings, momentum);
}

const factorAt = ({ schedule }: OptimizerOptions, step: number): number =>
  schedule === undefined ? 1 : scheduleFactor(schedule, step);

/** The parts of a parameter that have a gradient. */
function* stretches(parameter: Parameter): Generator<Stretch> {
  const { rows, count } = parameter;
  if (!parameter.hasGradient) return;
  if (rows === null || rows.touched.length === rows.rows) yield { parameter, first: 0, count };
  else for (const row of rows.touched) yield { parameter, first: row * rows.width, count: rows.width };
}

function sumOfSquares(store: ParameterStore): number {
  let sum = 0;
  for (const parameter of store.parameters()) {
    for (const { first, count } of stretches(parameter)) {
      sum += parameter.bank.kernels.sumOfSquares(parameter.at.gradient + first * 4, count);
    }
  }
  return sum;
}

function catchUpRow(parameter: Parameter, row: number, steps: number, rule: UpdateRule): void {
  const { rows } = parameter;
  if (rows === null) return;
  const done = rows.clock[row] as number;
  if (done >= steps) return;
  rule.idle({ parameter, first: row * rows.width, count: rows.width }, done, steps);
  rows.clock[row] = steps;
}
