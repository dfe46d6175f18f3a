import { CommanderError } from 'commander';
import { StudioError } from '../../foundation/core/errors.ts';
import { ApiError } from '../sdk/api-error.ts';
import type { Output } from './environment.ts';

/** The call itself is wrong: exit code 2. */
export class UsageError extends Error {
  readonly hint: string | undefined;

  constructor(message: string, hint?: string) {
    super(message);
    this.name = 'UsageError';
    this.hint = hint;
  }
}

interface Failure {
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
}

/** Prints what went wrong, as a sentence with a hint or as JSON, and returns the exit code. */
export function reportFailure(error: unknown, json: boolean, stderr: Output): number {
  if (error instanceof CommanderError) {
    // Help and version are no failures; commander has printed its own errors unless they shall be JSON.
    if (error.exitCode === 0) return 0;
    const message =
      error.code === 'commander.help' ? 'Name a command; --help lists them.' : `${sentence(error.message)}.`;
    if (json) stderr.write(`${JSON.stringify({ error: { code: 'usage', message: message.replace(/\.+$/, '.') } })}\n`);
    return 2;
  }
  const failure = failureOf(error);
  if (json) stderr.write(`${JSON.stringify({ error: failure })}\n`);
  else stderr.write(`${failure.message}\n${failure.hint === undefined ? '' : `${failure.hint}\n`}`);
  return error instanceof UsageError ? 2 : 1;
}

/** Commander's errors begin in lower case behind a word that says they are errors. */
export const sentence = (message: string): string =>
  message.replace(/^error: /, '').replace(/^./, (letter) => letter.toUpperCase());

function failureOf(error: unknown): Failure {
  if (error instanceof UsageError) return withHint('usage', error.message, error.hint);
  if (error instanceof ApiError || error instanceof StudioError)
    return withHint(error.code, error.message, HINTS[error.code] ?? error.hint);
  if (error instanceof TypeError && error.message === 'fetch failed') {
    const { cause } = error as { cause?: { message?: string; code?: string } };
    const hint = 'Start one with `embedding-studio serve`, or check --url.';
    return withHint(
      'server_unreachable',
      `No server answers there (${cause?.code ?? cause?.message ?? 'no connection'}).`,
      hint,
    );
  }
  const fault = fileFault(error);
  if (fault !== null) return withHint('invalid_file', fault, undefined);
  return withHint('internal', error instanceof Error ? error.message : String(error), undefined);
}

/** Where the hint of the error table speaks of addresses, and a command does the same. */
const HINTS: Readonly<Record<string, string>> = {
  collection_not_found: '`embedding-studio collections` lists them; `embedding-studio import` makes one.',
  run_not_found: '`embedding-studio runs` lists them; ended ones are forgotten after 30 days.',
  judgment_set_not_found: '`embedding-studio judgments sets` lists them; `judgments import` makes one.',
  route_not_found: 'Check --url: it is the address alone, without a path.',
};

const FILE_FAULTS: Readonly<Record<string, string>> = {
  EEXIST: 'is there already and is no directory',
  ENOTDIR: 'lies below something that is no directory',
  ENOENT: 'does not exist, nor can it be made: the directory above it is missing',
  EISDIR: 'is a directory',
  EACCES: 'may not be read or written by this user',
  EPERM: 'may not be changed by this user',
  EROFS: 'lies on a disk that cannot be written',
  ENOSPC: 'cannot be written: the disk is full',
};

/** What the operating system says about a file or directory, as a sentence; null for every other error. */
function fileFault(error: unknown): string | null {
  const { code, path, dest } = error as { code?: string; path?: string; dest?: string };
  const words = FILE_FAULTS[code ?? ''];
  const place = dest ?? path;
  return words === undefined || place === undefined ? null : `${place} ${words}.`;
}

const withHint = (code: string, message: string, hint: string | undefined): Failure =>
  hint === undefined ? { code, message } : { code, message, hint };
