import { readdir, readFile, writeFile } from 'node:fs/promises';
import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { sha256 } from '../../../../src/foundation/core/hash.ts';
import {
  readSnapshot,
  type Snapshot,
  snapshotFile,
  writeSnapshot,
} from '../../../../src/learning/training/datasets/snapshot.ts';
import { trainingDataOf } from '../../../../src/learning/training/runs/training-data-of.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

const snapshot: Snapshot = {
  origin: {
    ...{ collection: 'shop', batchIds: ['0194f3a0-0000-7000-8000-000000000000'], from: null, to: null, sets: [] },
    ...{ control: false, seed: 1, split: { by: 'query' }, clickModel: 'position-based', counts: { pages: 9 } },
  },
  items: new Map([
    ['a', 'Blue\nboat'],
    ['b', 'Red car'],
    ['c', 'Red car'],
  ]),
  examples: [
    { queryKey: 'boat', query: 'Boat', itemId: 'a', weight: 0.5, negatives: ['b'], part: 'train' },
    { queryKey: 'car', query: 'car', itemId: 'b', weight: 1, negatives: ['c', 'a'], part: 'train' },
    { queryKey: 'ship', query: 'ship', itemId: 'a', weight: 1, negatives: [], part: 'validation' },
    { queryKey: 'bus', query: 'bus', itemId: 'b', weight: 1, negatives: [], part: 'held-out' },
  ],
};

describe('a snapshot', () => {
  it('is named by the hash of what it holds, the same for the same data, and read as it was written', async () => {
    const folder = await temporaryFolder();
    const hash = await writeSnapshot(folder, snapshot);
    const packed = await readFile(snapshotFile(folder, hash));
    expect(sha256(gunzipSync(packed))).toBe(hash);
    expect(await writeSnapshot(folder, structuredClone(snapshot))).toBe(hash);
    expect(await readdir(folder)).toEqual([`${hash}.jsonl.gz`]);
    expect(await readSnapshot(folder, hash)).toEqual(snapshot);
    const control = { ...snapshot, origin: { ...snapshot.origin, control: true } };
    expect(await writeSnapshot(folder, control)).not.toBe(hash);
  });

  it('that was changed, or is gone, is refused', async () => {
    const folder = await temporaryFolder();
    const hash = await writeSnapshot(folder, snapshot);
    await writeFile(snapshotFile(folder, hash), gzipSync('{}\n'));
    await expect(readSnapshot(folder, hash)).rejects.toMatchObject({ code: 'invalid_file' });
    await expect(readSnapshot(folder, 'f'.repeat(64))).rejects.toMatchObject({ code: 'invalid_file' });
  });

  it('is trained from without what is held out, and never teaches the double of a right item as wrong', () => {
    const { pairs, validation } = trainingDataOf(snapshot);
    expect(pairs).toEqual([
      { query: 'Boat', item: 'Blue\nboat', weight: 0.5, negatives: ['Red car'] },
      { query: 'car', item: 'Red car', weight: 1, negatives: ['Blue\nboat'] },
    ]);
    expect(validation?.map(({ query }) => query)).toEqual(['ship']);
  });
});
