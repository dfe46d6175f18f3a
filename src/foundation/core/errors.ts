import { ERROR_TABLE, type ErrorCode } from './error-table.ts';

export interface StudioErrorOptions {
  /** What the caller can do about it, in one sentence. */
  readonly hint?: string;
  /** Machine-readable particulars, for example the offending field. */
  readonly details?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
}

/**
 * Every failure that a caller can do something about. The code is stable and comes from one table,
 * which also gives the HTTP status and a default hint.
 *
 * @example
 * throw new StudioError('collection_not_found', `There is no collection "${name}".`);
 */
export class StudioError extends Error {
  readonly code: ErrorCode;
  readonly status: number;
  readonly hint: string | undefined;
  readonly details: Readonly<Record<string, unknown>> | undefined;

  constructor(code: ErrorCode, message: string, options: StudioErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'StudioError';
    this.code = code;
    this.status = ERROR_TABLE[code].status;
    this.hint = options.hint ?? ERROR_TABLE[code].hint;
    this.details = options.details;
  }

  static isInstance(value: unknown): value is StudioError {
    return value instanceof StudioError;
  }

  /** The body of every error answer: `{error: {code, message, hint?, details?}}`. */
  toJSON(): {
    error: { code: ErrorCode; message: string; hint?: string; details?: Readonly<Record<string, unknown>> };
  } {
    return {
      error: {
        code: this.code,
        message: this.message,
        ...(this.hint === undefined ? {} : { hint: this.hint }),
        ...(this.details === undefined ? {} : { details: this.details }),
      },
    };
  }
}
