import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { eraseSnapshots } from '../../../src/learning/privacy/erase-snapshots.ts';
import { type Snapshot, writeSnapshot } from '../../../src/learning/training/datasets/snapshot.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const snapshotOf = (...queries: string[]): Snapshot => ({
  origin: {
    collection: 'shop',
    batchIds: [],
    from: null,
    to: null,
    sets: [],
    control: false,
    seed: 1,
    split: {},
    clickModel: null,
    counts: {},
  },
  items: new Map([['a', 'a lamp']]),
  examples: queries.map((query) => ({
    queryKey: query.toLowerCase(),
    query,
    itemId: 'a',
    weight: 1,
    negatives: [],
    part: 'train',
  })) as never,
});

it('an erasure deletes the snapshots that hold a query nobody else asked, and keeps the others', async () => {
  const folder = await temporaryFolder();
  const own = await writeSnapshot(folder, snapshotOf('Lamp', 'Gift for  Erika'));
  const others = await writeSnapshot(folder, snapshotOf('Lamp', 'gift'));
  expect(await eraseSnapshots(folder, ['gift for erika'])).toEqual([own]);
  expect(await readdir(folder)).toEqual([`${others}.jsonl.gz`]);
  expect(await eraseSnapshots(folder, ['gift for erika'])).toEqual([]);
  expect(await eraseSnapshots(join(folder, 'not there'), ['gift'])).toEqual([]);
});

it('a snapshot that cannot be read is deleted too, since it may hold anything', async () => {
  const folder = await temporaryFolder();
  const hash = 'f'.repeat(64);
  await writeFile(join(folder, `${hash}.jsonl.gz`), 'broken');
  expect(await eraseSnapshots(folder, ['gift'])).toEqual([hash]);
});
