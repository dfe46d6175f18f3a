import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { sql } from 'kysely';
import type { Random } from '../../src/foundation/core/random.ts';
import { createStudio } from '../../src/studio.ts';
import { countAstray } from './compare-indexes.ts';

export interface Round {
  readonly acknowledged: number;
  /** Acknowledged items that are not there, or not as they were last written. */
  readonly missing: number;
  /** Items without an index row, index rows without an item, rows there twice or of an earlier state; over all indexes. */
  readonly astray: number;
  readonly milliseconds: number;
}

const BATCH = 40;

/** Starts an import, kills it at a random moment, opens what is left, lets the indexes catch up, and compares. */
export async function killRound(
  where: { readonly dataDirectory: string; readonly databaseUrl?: string | undefined },
  first: number,
  random: Random,
): Promise<Round> {
  const script = fileURLToPath(new URL('./importing-process.ts', import.meta.url));
  const child = spawn(
    process.execPath,
    [script, where.dataDirectory, String(first), where.databaseUrl ?? ''].filter((argument) => argument !== ''),
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  let acknowledged = 0;
  const started = performance.now();
  let armed = false;
  for await (const line of createInterface({ input: child.stdout })) {
    const { accepted } = JSON.parse(line) as { accepted: number };
    acknowledged += accepted;
    if (armed) continue;
    armed = true;
    setTimeout(() => child.kill('SIGKILL'), random.integer(2500));
  }
  await ended;
  const milliseconds = performance.now() - started;

  const studio = await createStudio(where);
  try {
    const collection = await studio.services.collections.refresh('crash');
    await studio.services.items.waitIndexed('crash', collection.sequence, 120);
    const { db } = studio.database;
    const { rows: stored } = await sql<{ id: string; deleted: boolean; size: number | null }>`
      select id, deleted, (payload->>'size')::double precision as size from ${sql.table(`items_${collection.id}`)}`.execute(
      db,
    );
    const byId = new Map(stored.map((row) => [row.id, row]));
    let missing = 0;
    const last = first + acknowledged - BATCH;
    for (let number = first; number < first + acknowledged; number++) {
      const row = byId.get(`item ${number}`);
      const place = (number - first) % BATCH;
      // The batch before the last acknowledged one had its first item changed and its second deleted.
      const settled = number < last && first + Math.floor((number - first) / BATCH) * BATCH + BATCH <= last;
      const expected =
        settled && number >= first && place === 0
          ? row?.size === -1
          : settled && place === 1
            ? row === undefined || row.deleted
            : row !== undefined;
      if (!expected) missing++;
    }
    const astray = await countAstray(studio, collection);
    return { acknowledged, missing, astray, milliseconds };
  } finally {
    await studio.close();
  }
}
