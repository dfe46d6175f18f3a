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
    if (json) stderr.write(`${JSON.stringify({ error: { code: 'usage', message: sentence(error.message) } })}\n`);
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
  if (error instanceof ApiError || error instanceof StudioError) return withHint(error.code, error.message, error.hint);
  if (error instanceof TypeError && error.message === 'fetch failed') {
    const { cause } = error as { cause?: { message?: string; code?: string } };
    const hint = 'Start one with `embedding-studio serve`, or check --url.';
    return withHint(
      'server_unreachable',
      `No server answers there (${cause?.code ?? cause?.message ?? 'no connection'}).`,
      hint,
    );
  }
  return withHint('internal', error instanceof Error ? error.message : String(error), undefined);
}

const withHint = (code: string, message: string, hint: string | undefined): Failure =>
  hint === undefined ? { code, message } : { code, message, hint };
