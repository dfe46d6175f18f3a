import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { sql } from 'kysely';
import { isId } from '../../../foundation/core/ids.ts';
import type { Db } from '../../../foundation/database/tables.ts';

/** What a training keeps while it is under way, so that the next process goes on where this one died. */
export class RunFolder {
  readonly path: string;

  constructor(trainings: string, runId: string) {
    this.path = join(trainings, runId);
  }

  /** Null when it has not been written yet. */
  async read<T>(name: string): Promise<T | null> {
    const text = await readFile(join(this.path, `${name}.json`), 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return null;
      throw error;
    });
    return text === null ? null : (JSON.parse(text) as T);
  }

  /** It appears whole or not at all. */
  async write(name: string, value: object): Promise<void> {
    await mkdir(this.path, { recursive: true });
    const partial = join(this.path, `${name}.partial`);
    const handle = await open(partial, 'w');
    try {
      await handle.writeFile(JSON.stringify(value));
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(partial, join(this.path, `${name}.json`));
  }

  async remove(): Promise<void> {
    await rm(this.path, { recursive: true, force: true });
  }
}

/** Removes the folders of trainings that have ended otherwise than well, or whose run is forgotten. */
export async function removeAbandoned(db: Db, trainings: string): Promise<void> {
  const names = (await readdir(trainings).catch(() => [])).filter(isId);
  if (names.length === 0) return;
  const { rows } = await sql<{ id: string }>`
    select id from runs where id = any(${names}::uuid[]) and state in ('queued', 'running')`.execute(db);
  const underWay = new Set(rows.map(({ id }) => id));
  for (const name of names) if (!underWay.has(name)) await new RunFolder(trainings, name).remove();
}
