import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { train } from '../../../src/learning/training/train.ts';
import type { TrainingEvent } from '../../../src/learning/training/training-event.ts';
import type { TrainingOutcome } from '../../../src/learning/training/training-plan.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { toyPlan } from './support/toy-plan.ts';

const weightsOf = (outcome: TrainingOutcome): unknown =>
  [...outcome.parameters].map(([name, { data }]) => [name, data]);

describe('a training', () => {
  it('lowers the loss, says what it needs before it begins, and how far it is', async () => {
    const events: TrainingEvent[] = [];
    const outcome = await train(toyPlan(), { onEvent: (event) => events.push(event) });
    expect(outcome).toMatchObject({ status: 'finished', step: 40, stoppedEarly: false });
    const mean = (losses: readonly number[]): number => losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
    expect(mean(outcome.losses.slice(-5))).toBeLessThan(mean(outcome.losses.slice(0, 5)) / 3);
    expect(events[0]).toMatchObject({
      type: 'started',
      steps: 40,
      firstStep: 0,
      trainedParameters: 2 * (64 + 8),
      memory: expect.stringMatching(/^needs about \d+ (MB|GB)$/),
    });
    expect(events.filter(({ type }) => type === 'step')).toHaveLength(40);
    expect(events[1]).toMatchObject({ type: 'step', step: 1, learningRate: 0.05, loss: expect.any(Number) });
    expect(events.at(-1)).toMatchObject({ type: 'finished', step: 40 });
  });

  it('gives the same weights for the same seed, bit by bit, and others for another', async () => {
    const [first, second, other] = [await train(toyPlan()), await train(toyPlan()), await train(toyPlan({ seed: 2 }))];
    expect(weightsOf(second)).toEqual(weightsOf(first));
    expect(weightsOf(other)).not.toEqual(weightsOf(first));
  });

  it('continued from a checkpoint gives the weights of an uninterrupted one', async () => {
    const file = join(await temporaryFolder(), 'toy.checkpoint');
    const stop = new AbortController();
    const checkpoint = { file, everySteps: 10, fingerprint: 'toy', resume: true };
    const halted = await train(toyPlan(), {
      checkpoint,
      signal: stop.signal,
      onEvent: (event) => event.type === 'step' && event.step === 23 && stop.abort(),
    });
    expect(halted).toMatchObject({ status: 'cancelled', step: 23 });
    const events: TrainingEvent[] = [];
    const resumed = await train(toyPlan(), { checkpoint, onEvent: (event) => events.push(event) });
    expect(events[0]).toMatchObject({ type: 'started', firstStep: 23 });
    expect(resumed.losses).toHaveLength(17);
    expect(weightsOf(resumed)).toEqual(weightsOf(await train(toyPlan())));
  });

  it('does not go on from the checkpoint of another training', async () => {
    const file = join(await temporaryFolder(), 'toy.checkpoint');
    await train(toyPlan({ steps: 2 }), { checkpoint: { file, everySteps: 1, fingerprint: 'one', resume: false } });
    const other = train(toyPlan({ steps: 2 }), {
      checkpoint: { file, everySteps: 1, fingerprint: 'two', resume: true },
    });
    await expect(other).rejects.toMatchObject({ code: 'invalid_checkpoint' });
  });

  it('is cancelled before its next step, with the weights as they are', async () => {
    const stop = new AbortController();
    const events: TrainingEvent[] = [];
    let askedAt = 0;
    const outcome = await train(toyPlan({ steps: 100_000 }), {
      signal: stop.signal,
      onEvent(event) {
        events.push(event);
        if (event.type !== 'step' || event.step !== 5) return;
        askedAt = performance.now();
        stop.abort();
      },
    });
    expect(performance.now() - askedAt).toBeLessThan(1000);
    expect([outcome.status, outcome.step, events.at(-1)]).toEqual(['cancelled', 5, { type: 'cancelled', step: 5 }]);
  });

  it('sees a signal that comes from outside while it runs', async () => {
    const outcome = await train(toyPlan({ steps: 1_000_000 }), { signal: AbortSignal.timeout(300) });
    expect(outcome.status).toBe('cancelled');
  });

  it('that needs more memory than is allowed is refused before its first step', async () => {
    const events: TrainingEvent[] = [];
    const refused = train(toyPlan(), { memoryLimitBytes: 1000, onEvent: (event) => events.push(event) });
    await expect(refused).rejects.toMatchObject({
      code: 'training_too_large',
      message: expect.stringContaining('needs about'),
    });
    expect(events).toEqual([]);
  });

  it('ends with an error when its loss is no number any more', async () => {
    const optimizer = { kind: 'sgd', learningRate: 1e38 } as const;
    await expect(train(toyPlan({ optimizer }))).rejects.toMatchObject({ code: 'invalid_training' });
  });

  it('over several batches a step takes the mean of their gradients', async () => {
    const outcome = await train(toyPlan({ accumulate: 3, steps: 10 }));
    expect(outcome.losses).toHaveLength(10);
    expect(outcome.losses.at(-1)).toBeLessThan(outcome.losses[0] as number);
  });

  it('stops early when the held-out loss does not fall, and keeps the best weights', async () => {
    const events: TrainingEvent[] = [];
    const validation = { objective: toyPlan({ seed: 9 }).objective, batches: 2, everySteps: 2, patience: 3 };
    // A learning rate that is far too high: it gets better at first, then jumps about.
    const optimizer = { kind: 'adamw', learningRate: 0.5 } as const;
    const outcome = await train(toyPlan({ steps: 500, validation, optimizer }), {
      onEvent: (event) => events.push(event),
    });
    const evaluated = events.filter((event) => event.type === 'evaluated');
    const best = evaluated.findLastIndex((event) => event.best);
    expect(outcome.stoppedEarly).toBe(true);
    expect(evaluated.length - 1 - best).toBe(3);
    const again = await train(toyPlan({ steps: (best + 1) * 2, optimizer }));
    expect(weightsOf(outcome)).toEqual(weightsOf(again));
  });
});
