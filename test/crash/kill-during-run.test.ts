import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { openDatabase } from '../../src/foundation/database/open-database.ts';
import { Runs } from '../../src/foundation/jobs/runs.ts';
import { createEmptyDatabase } from '../support/databases.ts';
import { DATABASES } from '../support/open-temporary-studio.ts';

interface Where {
  readonly dataDirectory: string;
  readonly databaseUrl?: string;
}

/** Starts a process that works on a run for ever, and kills it in the middle. Returns what it said last. */
async function killMidway({ dataDirectory, databaseUrl }: Where): Promise<{ runId: string; attempt: number }> {
  const script = fileURLToPath(new URL('./running-process.ts', import.meta.url));
  const places = [dataDirectory, ...(databaseUrl === undefined ? [] : [databaseUrl])];
  const child = spawn(process.execPath, [script, ...places], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  for await (const line of createInterface({ input: child.stdout })) {
    child.kill('SIGKILL');
    await ended;
    return JSON.parse(line);
  }
  throw new Error('The process ended by itself.');
}

describe.each(DATABASES)('kill -9 in the middle of a run on %s', (database) => {
  it('the next process takes the run up again, from one death to the next', { timeout: 120_000 }, async () => {
    const dataDirectory = await mkdtemp(join(tmpdir(), 'crash-run-'));
    const empty = database === 'postgres' ? await createEmptyDatabase(process.env.TEST_DATABASE_URL as string) : null;
    const where: Where = { dataDirectory, ...(empty === null ? {} : { databaseUrl: empty.url }) };
    try {
      const first = await killMidway(where);
      const second = await killMidway(where);
      expect([first.attempt, second]).toEqual([1, { runId: first.runId, attempt: 2 }]);
      const { db, engine, close } = await openDatabase(where);
      const runs = new Runs({
        db,
        engine,
        kinds: [{ kind: 'endless', work: async (input) => ({ ...input, ended: true }) }],
        onError: (error) => console.error(error),
      });
      expect(await runs.get(first.runId)).toMatchObject({ state: 'running', attempts: 2 });
      runs.open();
      expect(await runs.wait(first.runId)).toMatchObject({
        state: 'done',
        attempts: 3,
        result: { for: 'ever', ended: true },
        progress: { done: expect.any(Number), total: null },
      });
      await runs.close();
      await close();
    } finally {
      await empty?.drop();
      await rm(dataDirectory, { recursive: true, force: true });
    }
  });
});
