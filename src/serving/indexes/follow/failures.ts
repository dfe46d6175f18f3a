import { StudioError } from '../../../foundation/core/errors.ts';
import type { Change, IndexFailure } from '../ports.ts';

/**
 * SQLSTATE classes that no item is to blame for: connection, transaction rollback, a missing table or column, resources,
 * prerequisite state, operator intervention, system, internal.
 */
const PASSING_SQLSTATE = /^(08|40|42|53|55|57|58|XX)/;
const PASSING_SYSTEM_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EMFILE',
  'ENOSPC',
]);

/**
 * Whether an error may come from the item itself, so that it comes back as often as the item is tried. What may pass
 * (a database or an encoder that is away or busy) is tried for ever, because setting items aside for it would lose them.
 */
export function isItemFault(error: unknown): boolean {
  if (error instanceof StudioError)
    return error.status < 502 && error.code !== 'internal' && error.code !== 'model_not_found';
  const code = (error as { code?: unknown } | null)?.code;
  if (typeof code !== 'string') return true;
  return !PASSING_SQLSTATE.test(code) && !PASSING_SYSTEM_CODES.has(code);
}

export function describeFailure(change: Change, stage: string, error: unknown): IndexFailure {
  return {
    itemId: change.id,
    sequence: change.sequence,
    stage,
    code: error instanceof StudioError ? error.code : 'internal',
    message: error instanceof Error ? error.message : String(error),
  };
}
