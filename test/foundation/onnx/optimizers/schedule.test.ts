import { describe, expect, it } from 'vitest';
import { type Schedule, scheduleFactor } from '../../../../src/foundation/onnx/optimizers/schedule.ts';

const factors = (schedule: Schedule, steps: number[]): number[] =>
  steps.map((step) => Math.round(scheduleFactor(schedule, step) * 1e6) / 1e6);

describe('learning rate schedules', () => {
  it('rise in a line over the warm-up and stay', () => {
    expect(factors({ kind: 'constant', warmupSteps: 4 }, [0, 1, 2, 4, 100])).toEqual([0, 0.25, 0.5, 1, 1]);
    expect(factors({ kind: 'constant' }, [0, 9])).toEqual([1, 1]);
  });

  it('fall in a line to zero and stay there', () => {
    expect(factors({ kind: 'linear', warmupSteps: 2, totalSteps: 6 }, [0, 1, 2, 4, 6, 9])).toEqual([
      0, 0.5, 1, 0.5, 0, 0,
    ]);
  });

  it('fall along half a cosine', () => {
    const schedule: Schedule = { kind: 'cosine', totalSteps: 4 };
    expect(factors(schedule, [0, 1, 2, 3, 4])).toEqual([1, 0.853553, 0.5, 0.146447, 0]);
  });

  it('need to know where to end', () => {
    expect(() => scheduleFactor({ kind: 'linear' }, 1)).toThrow('totalSteps');
  });
});
