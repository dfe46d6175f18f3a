import { setImmediate as turn } from 'node:timers/promises';
import { StudioError } from '../../foundation/core/errors.ts';
import { float32, type Tensor } from '../../foundation/onnx/graph/tensor.ts';
import { createOptimizer } from '../../foundation/onnx/optimizers/create-optimizer.ts';
import { ParameterStore } from '../../foundation/onnx/optimizers/parameter-store.ts';
import { BestWeights } from './best-weights.ts';
import { restoreTraining, saveTraining } from './checkpoints/training-state.ts';
import { CompiledSteps } from './compiled-steps.ts';
import { SAMPLED_BATCHES, type TrainingBatch } from './objectives/objective.ts';
import { memoryText } from './training-event.ts';
import type { TrainingControls, TrainingOutcome, TrainingPlan } from './training-plan.ts';
import { Validation } from './validation.ts';

/**
 * The training loop: batches through the compiled graphs, gradients into the store, the optimizer over it. The same plan
 * gives the same weights, bit by bit on the same machine with as many threads, in one run or in several from checkpoints.
 *
 * @throws StudioError `training_too_large` when the memory limit does not suffice, `invalid_checkpoint`, and
 * `invalid_training` when the loss is no number any more.
 */
export async function train(plan: TrainingPlan, controls: TrainingControls = {}): Promise<TrainingOutcome> {
  const { onEvent = () => {}, signal, checkpoint, provider, threads } = controls;
  const { accumulate = 1, validation, steps } = plan;
  const compute = { ...(provider === undefined ? {} : { provider }), ...(threads === undefined ? {} : { threads }) };
  const store = new ParameterStore();
  for (const [name, tensor] of plan.parameters) store.add(name, tensor);
  const weights = new Map(
    [...plan.parameters].map(([name, { dims }]): [string, Tensor] => [name, float32(dims, store.value(name))]),
  );
  const optimizer = createOptimizer(store, plan.optimizer);
  // Said before it happens, so that the memory for it is said too.
  store.accumulates ||= accumulate > 1;
  const compiled = new CompiledSteps(store, [...plan.parameters.keys()], compute);
  const held = validation === undefined ? null : new Validation(validation, compute);
  const best = new BestWeights();
  const losses: number[] = [];
  try {
    const memoryBytes = (await memoryOf(plan, compiled, store)) + ((await held?.memoryBytes(weights)) ?? 0);
    refuseTooLarge(memoryBytes, controls.memoryLimitBytes);
    const firstStep = checkpoint?.resume === true ? await restoreTraining(checkpoint, store, best) : 0;
    onEvent({
      type: 'started',
      steps,
      firstStep,
      trainedParameters: [...plan.parameters.values()].reduce((sum, { data }) => sum + data.length, 0),
      memoryBytes,
      memory: `needs about ${memoryText(memoryBytes)}`,
    });
    const beganAt = performance.now();
    const batches = plan.objective.batches();
    for (let skipped = 0; skipped < firstStep * accumulate; skipped++) batches.next();
    let step = firstStep;
    let cancelled = false;
    let stoppedEarly = false;
    while (step < steps && !stoppedEarly) {
      const stepBeganAt = performance.now();
      const summed = await sumGradients(batches, accumulate, compiled, signal);
      cancelled = summed === null;
      if (summed === null) break;
      const { loss, tokens } = summed;
      refuseNoNumber(loss, step + 1);
      const applied = optimizer.apply(step);
      step++;
      losses.push(loss);
      const seconds = (performance.now() - stepBeganAt) / 1000;
      onEvent({
        type: 'step',
        step,
        steps,
        loss,
        learningRate: applied.learningRate,
        gradientNorm: applied.gradientNorm,
        tokensPerSecond: tokens / seconds,
        etaSeconds: ((performance.now() - beganAt) / 1000 / (step - firstStep)) * (steps - step),
      });
      if (held !== null && validation !== undefined && (step % validation.everySteps === 0 || step === steps)) {
        store.catchUp();
        const loss = await held.loss(weights);
        onEvent({ type: 'evaluated', step, loss, best: best.note(loss, weights) });
        stoppedEarly = validation.patience !== undefined && best.waited >= validation.patience;
      }
      if (checkpoint !== undefined && (step % checkpoint.everySteps === 0 || step === steps)) {
        await saveTraining(checkpoint, step, store, best);
        onEvent({ type: 'checkpointed', step, file: checkpoint.file });
      }
    }
    if (cancelled) {
      if (checkpoint !== undefined && step > firstStep) await saveTraining(checkpoint, step, store, best);
      onEvent({ type: 'cancelled', step });
    } else onEvent({ type: 'finished', step, seconds: (performance.now() - beganAt) / 1000, stoppedEarly });
    store.catchUp();
    const chosen = validation?.patience === undefined ? weights : (best.weights ?? weights);
    return { status: cancelled ? 'cancelled' : 'finished', step, parameters: copied(chosen), losses, stoppedEarly };
  } finally {
    await compiled.dispose();
    await held?.dispose();
    store.dispose();
  }
}

/** Forward and backward for the batches of one step; null when the training is cancelled between them. */
async function sumGradients(
  batches: Iterator<TrainingBatch, never, void>,
  count: number,
  compiled: CompiledSteps,
  signal: AbortSignal | undefined,
): Promise<{ readonly loss: number; readonly tokens: number } | null> {
  let [loss, tokens] = [0, 0];
  for (let part = 0; part < count; part++) {
    // A run blocks the thread; what has arrived meanwhile, a signal above all, gets in here.
    await turn();
    if (signal?.aborted === true) return null;
    const { value: batch } = batches.next();
    loss += (await compiled.run(batch)) / count;
    tokens += batch.tokens;
  }
  return { loss, tokens };
}

/** Compiles the graph of every shape that the first batches have, and sums what they and the weights need. */
async function memoryOf(plan: TrainingPlan, compiled: CompiledSteps, store: ParameterStore): Promise<number> {
  const batches = plan.objective.batches();
  const shapes = new Map<string, TrainingBatch>();
  for (let seen = 0; seen < Math.min(SAMPLED_BATCHES, plan.steps * (plan.accumulate ?? 1)); seen++) {
    const { value: batch } = batches.next();
    shapes.set(batch.shape, batch);
  }
  let most = 0;
  for (const batch of shapes.values()) most += await compiled.memoryBytes(batch);
  return most + store.memoryBytes;
}

function refuseTooLarge(needed: number, limit: number | undefined): void {
  if (limit === undefined || needed <= limit) return;
  throw new StudioError(
    'training_too_large',
    `The training needs about ${memoryText(needed)}, and ${memoryText(limit)} are allowed.`,
  );
}

function refuseNoNumber(loss: number, step: number): void {
  if (Number.isFinite(loss)) return;
  throw new StudioError('invalid_training', `The loss of step ${step} is no number any more.`, {
    hint: 'Take a smaller learning rate or a longer warm-up.',
  });
}

/** The store's memory goes with it. */
const copied = (weights: ReadonlyMap<string, Tensor>): ReadonlyMap<string, Tensor> =>
  new Map([...weights].map(([name, { dims, data }]) => [name, float32(dims, Float32Array.from(data as Float32Array))]));
