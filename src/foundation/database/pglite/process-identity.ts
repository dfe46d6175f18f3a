import { execFileSync } from 'node:child_process';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/** Names one process for good: process ids are used again, and mean nothing on another machine or in another container. */
export interface ProcessIdentity {
  readonly pid: number;
  /** When the process started, in the system's own words; null where the system does not tell. */
  readonly startedAt: string | null;
  /** The running system: its name and, where it tells, the id of this boot. */
  readonly host: string;
  readonly boot: string | null;
  /** The process id namespace: two containers count their processes separately. */
  readonly namespace: string | null;
}

export function ownIdentity(): ProcessIdentity {
  return {
    pid: process.pid,
    startedAt: startTime(process.pid),
    host: hostname(),
    boot: orNull(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()),
    namespace: orNull(() => readlinkSync('/proc/self/ns/pid')),
  };
}

/**
 * Whether the process may still live. False only with proof: on this system its id is free or belongs to a process
 * that started at another time, or this system has been started anew since.
 */
export function mayBeAlive(process: ProcessIdentity): boolean {
  const own = ownIdentity();
  if (process.host !== own.host) return true;
  if (process.boot !== own.boot) return false;
  if (process.namespace !== own.namespace) return true;
  if (!exists(process.pid)) return false;
  const startedAt = startTime(process.pid);
  return process.startedAt === null || startedAt === null || startedAt === process.startedAt;
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

function startTime(pid: number): string | null {
  if (process.platform === 'win32') return null;
  if (process.platform !== 'linux') {
    return orNull(() => execFileSync('/bin/ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim());
  }
  return orNull(() => {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field is the program's name in brackets, which may hold blanks and brackets itself.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const state = fields[0];
    // A zombie holds no file any more: it only waits for its parent to notice.
    return state === 'Z' || state === 'X' ? 'ended' : (fields[19] ?? null);
  });
}

function orNull<T>(read: () => T): T | null {
  try {
    return read();
  } catch {
    return null;
  }
}
