import { StudioError } from '../../foundation/core/errors.ts';
import { checkItemId } from '../../serving/collections/item-inputs.ts';
import { queryKeyOf } from '../feedback/query-key.ts';

export const MAX_GRADE = 100;
export const MAX_WEIGHT = 1000;
export const MAX_QUERY_LENGTH = 10_000;

/** How well an item answers a query, says somebody. */
export interface Judgment {
  readonly query: string;
  readonly itemId: string;
  /** From 0 (not at all) to 100; the scale is the set's own. */
  readonly grade: number;
  /** How much it counts beside others, above 0 and at most 1,000; 1 when left out. */
  readonly weight?: number | undefined;
}

/** A judgment as it is kept. */
export interface StoredJudgment extends Judgment {
  readonly weight: number;
  readonly set: string;
  /** By which repetitions of the query are found. */
  readonly queryKey: string;
  /** Standard deviation of the grade, and looks behind it, where clicks gave it. */
  readonly deviation: number | null;
  readonly support: number | null;
  /** `rating:<who>`, `import:<what>` or `clicks:<model>`. */
  readonly provenance: string;
  readonly at: Date;
}

/** Throws `invalid_judgment` for what no set can hold. */
export function checkJudgment({ query, itemId, grade, weight = 1 }: Judgment): void {
  if (query.length > MAX_QUERY_LENGTH)
    refuse(`The query has ${query.length} characters; at most ${MAX_QUERY_LENGTH} are allowed.`);
  if (query.includes('\u0000') || !query.isWellFormed())
    refuse('The query must not contain the character NUL or half of a surrogate pair.');
  if (queryKeyOf(query) === '') refuse('The query is blank.');
  try {
    checkItemId(itemId);
  } catch (cause) {
    throw new StudioError('invalid_judgment', (cause as Error).message.replace('The id', 'The item'), { cause });
  }
  if (!(grade >= 0 && grade <= MAX_GRADE)) refuse(`The grade must be a number from 0 to ${MAX_GRADE}.`);
  if (!(weight > 0 && weight <= MAX_WEIGHT)) refuse(`The weight must be a number above 0, and at most ${MAX_WEIGHT}.`);
}

function refuse(message: string): never {
  throw new StudioError('invalid_judgment', message);
}
