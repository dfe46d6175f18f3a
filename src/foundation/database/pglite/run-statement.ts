import { type PGlite, protocol } from '@electric-sql/pglite';
import type { ParameterText } from '../sql/parameter-text.ts';
import { type Answer, readAnswer } from './read-answer.ts';

/**
 * One statement in one call into PostgreSQL: parse, bind, describe, execute and sync go together. PGlite's own
 * `query` makes a call of each and asks for the parameters' types first.
 */
export function runStatement(database: PGlite, sql: string, parameters: readonly ParameterText[]): Answer {
  const { serialize } = protocol;
  const request = Buffer.concat([
    serialize.parse({ text: sql }),
    serialize.bind({ values: [...parameters] }),
    serialize.describe({ type: 'P' }),
    serialize.execute({}),
    serialize.sync(),
  ]);
  return readAnswer(database.execProtocolRawSync(request));
}
