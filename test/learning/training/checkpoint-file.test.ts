import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  type Checkpoint,
  readCheckpoint,
  writeCheckpoint,
} from '../../../src/learning/training/checkpoints/checkpoint-file.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const checkpoint: Checkpoint = {
  step: 12,
  fingerprint: 'abc',
  state: { best: 0.25, waited: 3 },
  arrays: new Map<string, Float32Array | Int32Array | Uint8Array>([
    ['weights', Float32Array.of(1, -0, Number.NaN, 3e-42)],
    ['rows', Int32Array.of(7)],
    ['nothing', new Float32Array()],
    ['flags', Uint8Array.of(1, 0, 1)],
  ]),
};

describe('a checkpoint file', () => {
  it('gives back what was written, bit by bit, and leaves no other file', async () => {
    const folder = await temporaryFolder();
    const file = join(folder, 'run.checkpoint');
    await writeCheckpoint(file, { ...checkpoint, step: 11 });
    await writeCheckpoint(file, checkpoint);
    const read = await readCheckpoint(file);
    expect(read).toEqual(checkpoint);
    expect(await readdir(folder)).toEqual(['run.checkpoint']);
  });

  it('is null where there is none', async () => {
    expect(await readCheckpoint(join(await temporaryFolder(), 'none'))).toBeNull();
  });

  it('is refused when it is cut off, damaged or something else', async () => {
    const file = join(await temporaryFolder(), 'run.checkpoint');
    await writeCheckpoint(file, checkpoint);
    const bytes = await readFile(file);
    await writeFile(file, bytes.subarray(0, bytes.length - 70));
    await expect(readCheckpoint(file)).rejects.toMatchObject({ code: 'invalid_checkpoint' });
    const changed = Buffer.from(bytes);
    changed[60] = 0x21;
    await writeFile(file, changed);
    await expect(readCheckpoint(file)).rejects.toThrow('is damaged');
    await writeFile(file, 'something else entirely, long enough to be read as one');
    await expect(readCheckpoint(file)).rejects.toThrow('no checkpoint of this version');
  });
});
