import { execFileSync, spawnSync } from 'node:child_process';
import { chmod, readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { sql } from 'kysely';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openDatabase } from '../../../src/foundation/database/open-database.ts';
import { runChild } from '../../support/child-process.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const SERVER = fileURLToPath(new URL('../../servers/postgres.sh', import.meta.url));
const WRITER = new URL('./children/write-rows.ts', import.meta.url);

const there = process.env.TEST_DATABASE_URL !== undefined && spawnSync('bash', [SERVER, 'there']).status === 0;
if (!there)
  console.log('skipped: no PostgreSQL of our own to kill (test/servers/postgres.sh fetch, TEST_DATABASE_URL)');

describe.runIf(there)('a PostgreSQL server of our own', () => {
  it('has every acknowledged row after kill -9 of all its processes', async () => {
    const folder = await temporaryFolder();
    await chmod(folder, 0o755);
    const data = join(folder, 'cluster');
    const port = await freePort();
    const start = (): void => void execFileSync('bash', [SERVER, 'start', data, String(port)], { stdio: 'pipe' });
    start();
    onTestFinished(() => void spawnSync('bash', [SERVER, 'stop', data]));
    const databaseUrl = `postgres://postgres@127.0.0.1:${port}/postgres`;
    const writer = runChild(WRITER, ['postgres', databaseUrl, '1']);
    await writer.untilLines(20);
    await sleep(50);
    const [postmaster] = (await readFile(join(data, 'postmaster.pid'), 'utf8')).split('\n');
    for (const pid of [postmaster!, ...(await childrenOf(postmaster!))]) process.kill(Number(pid), 'SIGKILL');
    await writer.ended;
    const acknowledged = Number(writer.lines.at(-1));

    start();
    const { db, close } = await openDatabase({ databaseUrl });
    const { rows } = await sql<{ n: number; halves: number }>`
      select n, count(*) as halves from pairs group by n order by n`.execute(db);
    await close();
    expect(rows.slice(0, acknowledged)).toEqual(
      Array.from({ length: acknowledged }, (_, index) => ({ n: index + 1, halves: 2 })),
    );
    expect(rows.length).toBeLessThanOrEqual(acknowledged + 1);
  });
});

async function childrenOf(pid: string): Promise<string[]> {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return children.split(' ').filter(Boolean);
}

function freePort(): Promise<number> {
  const server = createServer();
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}
