import { constants } from 'node:fs';
import { access, stat, statfs } from 'node:fs/promises';
import { createServer } from 'node:net';
import { dirname, resolve } from 'node:path';
import type { DoctorCheck } from '../environment.ts';

/** Type stripping and the worker options that are used came together. */
const LEAST_NODE = [22, 18] as const;
/** A hundred thousand items with vectors and an index take about this. */
const COMFORTABLE_BYTES = 2e9;
const LEAST_BYTES = 2e8;

export function checkNode(version: string): DoctorCheck {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const ok = major > LEAST_NODE[0] || (major === LEAST_NODE[0] && minor >= LEAST_NODE[1]);
  return ok
    ? { name: 'node', outcome: 'ok', message: `version ${version}` }
    : {
        name: 'node',
        outcome: 'fail',
        message: `version ${version} is too old`,
        hint: `Install ${LEAST_NODE.join('.')} or newer.`,
      };
}

export async function checkDataDirectory(directory: string): Promise<DoctorCheck> {
  const name = 'data directory';
  const there = await stat(directory).catch(() => null);
  const place = there === null ? await nearestParent(directory) : directory;
  if (there !== null && !there.isDirectory()) {
    return { name, outcome: 'fail', message: `${directory} is a file`, hint: 'Name a directory with --data.' };
  }
  try {
    await access(place, constants.W_OK | constants.X_OK);
  } catch {
    return {
      name,
      outcome: 'fail',
      message: `${place} cannot be written`,
      hint: 'Change its owner, or name another with --data.',
    };
  }
  return { name, outcome: 'ok', message: there === null ? `${directory} will be made` : `${directory} can be written` };
}

export async function checkDiskSpace(directory: string): Promise<DoctorCheck> {
  const { bavail, bsize } = await statfs(await nearestParent(directory));
  const free = bavail * bsize;
  const message = `${(free / 1e9).toFixed(1)} GB free`;
  if (free < LEAST_BYTES) return { name: 'disk', outcome: 'fail', message, hint: 'Make room: writes will soon fail.' };
  if (free < COMFORTABLE_BYTES)
    return { name: 'disk', outcome: 'warn', message, hint: 'A hundred thousand items take about 2 GB.' };
  return { name: 'disk', outcome: 'ok', message };
}

export async function checkPort(port: number): Promise<DoctorCheck> {
  const name = `port ${port}`;
  const code = await new Promise<string | undefined>((settle) => {
    const probe = createServer();
    probe.once('error', (error: NodeJS.ErrnoException) => settle(error.code ?? 'error'));
    probe.listen(port, '127.0.0.1', () => probe.close(() => settle(undefined)));
  });
  if (code === undefined) return { name, outcome: 'ok', message: 'free' };
  const message = code === 'EADDRINUSE' ? 'in use, perhaps by a running server' : `cannot be opened (${code})`;
  return { name, outcome: 'warn', message, hint: 'serve takes another one with --port.' };
}

/** The directory itself, or the nearest one above it that exists. */
async function nearestParent(directory: string): Promise<string> {
  for (let path = resolve(directory); ; path = dirname(path)) {
    const found = await stat(path).catch(() => null);
    if (found?.isDirectory() || path === dirname(path)) return path;
  }
}
