import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { TrainingResult } from '../../src/learning/training/runs/training-run.ts';
import { createStudio } from '../../src/studio.ts';
import { runChild } from '../support/child-process.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

describe('kill -9 in the middle of a training', () => {
  it('the next process goes on from the checkpoint and makes the model that an undisturbed one makes', {
    timeout: 180_000,
  }, async () => {
    const dataDirectory = await temporaryFolder();
    const child = runChild(new URL('./training-process.ts', import.meta.url), [dataDirectory]);
    let step = 0;
    for (let lines = 1; step < 3; lines++) {
      await child.untilLines(lines);
      step = JSON.parse(child.lines[lines - 1] ?? '{}').step;
    }
    await child.kill();
    const { runId } = JSON.parse(child.lines[0] ?? '{}');
    expect(step).toBeLessThan(16);

    const studio = await createStudio({ dataDirectory, encoderThreads: 1 });
    const { runs, trainings } = studio.services;
    const steps: number[] = [];
    for await (const { progress } of runs.watch(runId)) {
      if (progress?.message === 'training') steps.push(progress.done);
    }
    const resumed = await runs.get(runId);
    expect(resumed).toMatchObject({ state: 'done', attempts: 2 });
    expect(steps[0]).toBeGreaterThanOrEqual(2);
    const again = { recipe: 'encoder', name: 'undisturbed', steps: 16, batch: 4, threads: 1 } as const;
    const { id } = await trainings.start('shop', again);
    for await (const _ of runs.watch(id));
    const whole = await runs.get(id);
    const [left, right] = [resumed, whole].map(({ result }) => result as TrainingResult);
    expect(left?.snapshot).toBe(right?.snapshot);
    expect(left?.validation).toEqual(right?.validation);
    const [one, other] = await Promise.all(
      [left, right].map((result) => readFile(join(result?.folder ?? '', 'encoder.onnx'))),
    );
    expect(one?.equals(other as Buffer)).toBe(true);
    await studio.close();
  });
});
