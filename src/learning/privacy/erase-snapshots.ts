import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { queryKeyOf } from '../feedback/query-key.ts';

const unpack = promisify(gunzip);
const FILE = /^([0-9a-f]{64})\.jsonl\.gz$/;

/**
 * Deletes the snapshots of training data that hold one of these queries, which nobody but the erased user asked. A
 * snapshot is named by what it holds, so it cannot lose a line: it goes whole. Returns their hashes.
 */
export async function eraseSnapshots(folder: string, queryKeys: readonly string[]): Promise<string[]> {
  if (queryKeys.length === 0) return [];
  const wanted = new Set(queryKeys);
  const erased: string[] = [];
  for (const name of await readdir(folder).catch(() => [])) {
    const hash = FILE.exec(name)?.[1];
    if (hash === undefined || !(await holds(join(folder, name), wanted))) continue;
    await rm(join(folder, name), { force: true });
    erased.push(hash);
  }
  return erased;
}

/** A file that cannot be read may hold anything: it counts as holding them. */
async function holds(file: string, queryKeys: ReadonlySet<string>): Promise<boolean> {
  try {
    const lines = (await unpack(await readFile(file))).toString().trimEnd().split('\n');
    return lines.some((line) => {
      const { query } = JSON.parse(line) as { query?: unknown };
      return typeof query === 'string' && queryKeys.has(queryKeyOf(query));
    });
  } catch {
    return true;
  }
}
