import { StudioError } from '../../foundation/core/errors.ts';
import { sha256 } from '../../foundation/core/hash.ts';
import type { StoredJudgment } from './judgment.ts';
import type { JudgmentPlace } from './judgments-queries.ts';

const SEAL = 8;

/** A cursor: where the next page of judgments begins. */
export function writeJudgmentPlace({ set, queryKey, itemId }: StoredJudgment): string {
  const body = JSON.stringify([set, queryKey, itemId]);
  return Buffer.from(`${sha256(body).slice(0, SEAL)}${body}`).toString('base64url');
}

/** Throws `invalid_cursor`. */
export function readJudgmentPlace(cursor: string): JudgmentPlace {
  const text = Buffer.from(cursor, 'base64url').toString('utf8');
  const body = text.slice(SEAL);
  if (sha256(body).slice(0, SEAL) !== text.slice(0, SEAL))
    throw new StudioError('invalid_cursor', 'This is no cursor of a list of judgments.');
  return JSON.parse(body) as JudgmentPlace;
}
