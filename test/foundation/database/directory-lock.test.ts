import { readdir, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openDatabase } from '../../../src/foundation/database/open-database.ts';
import { lockDirectory } from '../../../src/foundation/database/pglite/directory-lock.ts';
import { ownIdentity } from '../../../src/foundation/database/pglite/process-identity.ts';
import { runChild } from '../../support/child-process.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const HOLDER = new URL('./children/hold-database.ts', import.meta.url);

async function locksOf(directory: string): Promise<string[]> {
  const names = await readdir(dirname(directory));
  return names.filter((name) => name.startsWith(`${basename(directory)}.`));
}

describe('the lock of a data directory', () => {
  it('keeps a second process out while the first one lives, and names it', async () => {
    const directory = join(await temporaryFolder(), 'database');
    const holder = runChild(HOLDER, [directory]);
    await holder.untilLines(1);
    await expect(openDatabase({ dataDirectory: directory })).rejects.toMatchObject({
      code: 'data_directory_locked',
      message: expect.stringContaining(`process ${holder.process.pid}`),
      details: { pid: holder.process.pid, directory },
    });
    holder.process.stdin?.write('stop\n');
    expect(await holder.ended).toBe(0);
    expect(await locksOf(directory)).toEqual([]);
    await (await openDatabase({ dataDirectory: directory })).close();
  });

  it('lets the next process in after a kill -9', async () => {
    const directory = join(await temporaryFolder(), 'database');
    const holder = runChild(HOLDER, [directory]);
    await holder.untilLines(1);
    await holder.kill();
    expect(await locksOf(directory)).toHaveLength(1);
    const { close } = await openDatabase({ dataDirectory: directory });
    expect(await locksOf(directory)).toHaveLength(1);
    await close();
    expect(await locksOf(directory)).toEqual([]);
  });

  it('keeps the same process out a second time, and lets it in again afterwards', async () => {
    const directory = join(await temporaryFolder(), 'database');
    const unlock = await lockDirectory(directory);
    await expect(lockDirectory(directory)).rejects.toMatchObject({
      code: 'data_directory_locked',
      message: expect.stringContaining('this process'),
    });
    await unlock();
    await (await lockDirectory(directory))();
  });

  it('lets exactly one of many in that come at once, whatever a dead one left behind', async () => {
    const directory = join(await temporaryFolder(), 'database');
    await writeLock(directory, { pid: 2 ** 22 + 1 });
    for (let round = 0; round < 5; round++) {
      const attempts = await Promise.allSettled(Array.from({ length: 6 }, () => lockDirectory(directory)));
      const entered = attempts.filter((attempt) => attempt.status === 'fulfilled');
      // All may step back before each other; two may never hold it.
      expect(entered.length).toBeLessThanOrEqual(1);
      for (const { value: unlock } of entered) await unlock();
    }
    await (await lockDirectory(directory))();
  });

  it.each([
    ['a process id that is free', { pid: 2 ** 22 + 1 }, 'enters'],
    ['a process id that another process has by now', { startedAt: '1' }, 'enters'],
    ['an earlier boot of this system', { boot: 'an earlier boot' }, 'enters'],
    ['another machine', { host: `not-${hostname()}` }, 'stays out'],
    ['another container', { namespace: 'pid:[1]' }, 'stays out'],
    ['a living process', { pid: process.ppid, startedAt: null }, 'stays out'],
  ])('left by %s: the next one %s', async (_, holder, outcome) => {
    const directory = join(await temporaryFolder(), 'database');
    await writeLock(directory, holder);
    const attempt = lockDirectory(directory);
    if (outcome === 'enters') await (await attempt)();
    else await expect(attempt).rejects.toMatchObject({ code: 'data_directory_locked' });
  });

  it('stays out where a lock cannot be read', async () => {
    const directory = join(await temporaryFolder(), 'database');
    await writeFile(`${directory}.lock-1-x`, '{"pid":');
    await expect(lockDirectory(directory)).rejects.toMatchObject({
      code: 'data_directory_locked',
      hint: expect.stringContaining(`${directory}.lock-1-x`),
    });
  });
});

async function writeLock(directory: string, holder: Record<string, unknown>): Promise<void> {
  await writeFile(`${directory}.lock-left-behind`, JSON.stringify({ ...ownIdentity(), ...holder }));
}
