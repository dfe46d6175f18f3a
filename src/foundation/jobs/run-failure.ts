import { ERROR_TABLE } from '../core/error-table.ts';
import { StudioError } from '../core/errors.ts';
import type { RunFailure } from './run.ts';

/** What is told of an error: ours as they are; of others nothing, because their words may hold anything. */
export function failureOf(error: unknown): RunFailure {
  if (!StudioError.isInstance(error)) {
    return {
      code: 'internal',
      message: 'Something went wrong inside the run.',
      hint: 'This is a fault of ours; the log has the cause under the id of the run.',
    };
  }
  const { code, message, hint } = error;
  return { code, message, ...(hint === undefined ? {} : { hint }) };
}

export const interruptedTooOften = (attempts: number): RunFailure => ({
  code: 'run_interrupted_too_often',
  message: `The run was begun ${attempts} times, and each time its process died or fell silent.`,
  hint: ERROR_TABLE.run_interrupted_too_often.hint ?? '',
});
