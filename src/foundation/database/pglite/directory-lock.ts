import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { StudioError } from '../../core/errors.ts';
import { mayBeAlive, ownIdentity, type ProcessIdentity } from './process-identity.ts';

const ATTEMPTS = 6;

/**
 * Keeps a second process out of a data directory, by a file `<directory>.lock-<process id>-…` beside it. PGlite has no lock, and two processes on one directory silently lose
 * each other's rows.
 *
 * Each contender first puts up a lock file of its own (created exclusively) and then looks for others: of two that come
 * at once, at least one sees the other. A file counts as long as its process may be alive; a dead process's file is
 * cleared away, never one that is only old.
 */
export async function lockDirectory(directory: string): Promise<() => Promise<void>> {
  await mkdir(dirname(directory), { recursive: true });
  for (let attempt = 1; ; attempt++) {
    const own = await putUp(directory);
    const holder = await otherHolder(directory, own);
    if (holder === null) return () => rm(own, { force: true });
    await rm(own, { force: true });
    // Two that came at once have both stepped back; after different pauses one comes first.
    if (attempt === ATTEMPTS) throw locked(directory, holder);
    await sleep(10 + Math.random() * 20 * attempt);
  }
}

async function putUp(directory: string): Promise<string> {
  const file = `${directory}.lock-${process.pid}-${randomUUID()}`;
  const draft = `${directory}.draft-${randomUUID()}`;
  await writeFile(draft, JSON.stringify(ownIdentity()), { flag: 'wx' });
  // Under its name it is complete from the first moment.
  await rename(draft, file);
  return file;
}

async function otherHolder(
  directory: string,
  own: string,
): Promise<{ readonly file: string; readonly process: ProcessIdentity | null } | null> {
  const prefix = `${basename(directory)}.lock-`;
  for (const name of await readdir(dirname(directory))) {
    const file = join(dirname(directory), name);
    if (!name.startsWith(prefix) || file === own) continue;
    const process = await readIdentity(file);
    if (process === 'gone') continue;
    if (process === null || mayBeAlive(process)) return { file, process };
    await rm(file, { force: true });
  }
  return null;
}

async function readIdentity(file: string): Promise<ProcessIdentity | 'gone' | null> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as ProcessIdentity;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'gone' : null;
  }
}

function locked(
  directory: string,
  { file, process: holder }: { readonly file: string; readonly process: ProcessIdentity | null },
): StudioError {
  const who =
    holder === null
      ? 'another process'
      : holder.pid === process.pid && holder.host === ownIdentity().host
        ? `this process (${holder.pid}) already`
        : `process ${holder.pid} on ${holder.host}`;
  return new StudioError('data_directory_locked', `The data directory ${directory} is in use by ${who}.`, {
    hint: `Stop that process, talk to its server instead, or use PostgreSQL for several processes. If it surely does not run any more, delete ${file}.`,
    details: { directory, ...(holder === null ? {} : { pid: holder.pid, host: holder.host }) },
  });
}
