import { z } from 'zod';
import type { ErrorCode } from '../../foundation/core/error-table.ts';
import { StudioError } from '../../foundation/core/errors.ts';
import { sentencesOf } from './issues.ts';

export type InputCheck = (value: unknown) => unknown;

/** Issues beyond these only repeat what is wrong with the request as a whole. */
const MAX_ISSUES = 20;

/**
 * First of the two compilers: a zod schema becomes a function that returns the parsed value or throws what is wrong,
 * in sentences. `where` names the part of the request.
 */
export function compileInput(
  schema: z.ZodType,
  where: 'body' | 'query' | 'params',
  code: ErrorCode = 'invalid_request',
): InputCheck {
  const compiled = z.compile(schema);
  return (value) => {
    const result = compiled.safeParse(value);
    if (result.success) return result.data;
    const problems = sentencesOf(result.error.issues, schema, where).slice(0, MAX_ISSUES);
    throw new StudioError(
      code,
      problems
        .map((problem) => problem.message)
        .join(' ')
        .slice(0, 2000),
      {
        details: { issues: problems },
      },
    );
  };
}
