import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import { describe, expect, it } from 'vitest';
import { type OpenDatabaseOptions, openDatabase } from '../../../src/foundation/database/open-database.ts';
import { runChild } from '../../support/child-process.ts';
import { createEmptyDatabase, describeOnPostgres } from '../../support/databases.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const WRITER = new URL('./children/write-rows.ts', import.meta.url);
const ROUNDS = 3;
const WRITER_NAME = 'durability-writer';

/** Kills a writing process at some moment, again and again; what it was told is there must be there, in whole pairs. */
async function killRounds(
  kind: string,
  place: string,
  options: OpenDatabaseOptions,
  untilGone: () => Promise<void> = async () => {},
): Promise<void> {
  let acknowledged = 0;
  for (let round = 1; round <= ROUNDS; round++) {
    const writer = runChild(WRITER, [kind, place, String(acknowledged + 1)]);
    await writer.untilLines(5);
    await sleep(37 * round);
    await writer.kill();
    await untilGone();
    acknowledged = Number(writer.lines.at(-1));
    const { db, close } = await openDatabase(options);
    const { rows } = await sql<{ n: number; halves: number }>`
      select n, count(*) as halves from pairs group by n order by n`.execute(db);
    expect(rows.slice(0, acknowledged)).toEqual(
      Array.from({ length: acknowledged }, (_, index) => ({ n: index + 1, halves: 2 })),
    );
    // One more may have been committed without word of it; nothing else.
    expect(rows.length).toBeLessThanOrEqual(acknowledged + 1);
    expect(rows.every(({ halves }) => halves === 2)).toBe(true);
    acknowledged = rows.length;
    await close();
  }
}

/** A server finishes the statement that a dead client sent; only then is the number of rows settled. */
async function untilNoSession(url: string): Promise<void> {
  const { db, close } = await openDatabase({ databaseUrl: url });
  for (;;) {
    const { rows } = await sql`select from pg_stat_activity where application_name = ${WRITER_NAME}`.execute(db);
    if (rows.length === 0) break;
    await sleep(20);
  }
  await close();
}

describe('an acknowledged row', () => {
  it('survives kill -9 of the process on the embedded database', async () => {
    const directory = join(await temporaryFolder(), 'database');
    await killRounds('pglite', directory, { dataDirectory: directory });
  });
});

describeOnPostgres('an acknowledged row on a server', (server) => {
  it('survives kill -9 of the process that wrote it, and its unfinished transaction does not', async () => {
    const { url, drop } = await createEmptyDatabase(server);
    const writerUrl = new URL(url);
    writerUrl.searchParams.set('application_name', WRITER_NAME);
    await killRounds('postgres', writerUrl.href, { databaseUrl: url }, () => untilNoSession(url)).finally(drop);
  });
});
