import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkpointFile, trainModel } from '../../../src/learning/training/train-model.ts';
import type { TrainingEvent } from '../../../src/learning/training/training-event.ts';
import { runChild } from '../../support/child-process.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { starterRun } from './support/starter-run.ts';

describe('a training that is killed with -9', { timeout: 120_000 }, () => {
  it('goes on from its checkpoint and ends with the same file as one that was left alone', async () => {
    const folder = await temporaryFolder();
    const [killed, whole] = [join(folder, 'killed', 'model'), join(folder, 'whole', 'model')];
    const child = runChild(new URL('./children/train-starter.ts', import.meta.url), [killed]);
    // Steps 1 to 3 and the checkpoint after step 2: step 3 is lost.
    await child.untilLines(4);
    await child.kill();
    expect(child.lines).toContain('checkpointed 2');
    await expect(access(killed)).rejects.toThrow();

    const events: TrainingEvent[] = [];
    await trainModel({ ...starterRun(killed), onEvent: (event) => events.push(event) });
    const started = events.find((event) => event.type === 'started');
    expect(started?.firstStep).toBeGreaterThanOrEqual(2);
    await trainModel(starterRun(whole));
    const [resumed, uninterrupted] = await Promise.all(
      [killed, whole].map((model) => readFile(join(model, 'encoder.onnx'))),
    );
    expect(resumed?.equals(uninterrupted as Buffer)).toBe(true);
    await expect(access(checkpointFile(killed))).rejects.toThrow();
  });
});
