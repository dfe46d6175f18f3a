import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { open, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { StudioError } from '../../core/errors.ts';

/** PGlite is one major of PostgreSQL, and reads no other's files. */
const MAJOR = '18';

/** There while the first start is being prepared: what a crash leaves then holds nothing that was acknowledged. */
const unfinishedMark = (directory: string): string => `${directory}.unfinished`;

/**
 * Says whether the directory holds a database (`ready`) or waits for one (`fresh`).
 * Throws `data_directory_foreign` for files that are not ours to touch.
 */
export function inspectDirectory(directory: string): 'fresh' | 'ready' {
  if (existsSync(unfinishedMark(directory)) || !existsSync(directory)) return 'fresh';
  const major = majorOf(directory);
  if (major === null) {
    if (namesIn(directory).length === 0) return 'fresh';
    throw foreign(directory, `${directory} holds files, but no database.`);
  }
  if (major !== MAJOR) {
    throw foreign(directory, `${directory} was written by PostgreSQL ${major}; this version reads ${MAJOR} alone.`);
  }
  if (existsSync(join(directory, 'postmaster.opts'))) {
    throw foreign(directory, `${directory} belongs to a PostgreSQL server.`);
  }
  return 'ready';
}

/** Clears away what a start that was killed has left, and marks this one as unfinished. */
export async function beginFirstStart(directory: string): Promise<void> {
  await writeFile(unfinishedMark(directory), '');
  await rm(directory, { recursive: true, force: true });
}

/** From now on the database counts. Its files reach the disk first: a template is unpacked without fsync. */
export async function finishFirstStart(directory: string, fsync: boolean): Promise<void> {
  if (fsync) await flushFiles(directory);
  await rm(unfinishedMark(directory), { force: true });
}

async function flushFiles(directory: string): Promise<void> {
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = await open(join(entry.parentPath, entry.name), 'r');
    try {
      await file.datasync();
    } finally {
      await file.close();
    }
  }
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch (cause) {
    throw foreign(directory, `${directory} is no folder that can be read.`, cause);
  }
}

function majorOf(directory: string): string | null {
  try {
    return readFileSync(join(directory, 'PG_VERSION'), 'utf8').trim();
  } catch {
    return null;
  }
}

function foreign(directory: string, sentence: string, cause?: unknown): StudioError {
  return new StudioError('data_directory_foreign', sentence, {
    hint:
      'Choose another data directory. To move data over, run `embedding-studio export` with the version that wrote it ' +
      'and `embedding-studio import` with this one.',
    details: { directory },
    ...(cause === undefined ? {} : { cause }),
  });
}
