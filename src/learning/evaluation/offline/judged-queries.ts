import { StudioError } from '../../../foundation/core/errors.ts';
import type { Db } from '../../../foundation/database/tables.ts';
import { queryKeyOf } from '../../feedback/query-key.ts';
import type { Grades } from '../metrics.ts';
import type { EvaluationInput } from './evaluation-input.ts';
import { countSearches, readJudgments } from './offline-queries.ts';

export interface JudgedQuery {
  readonly query: string;
  readonly grades: Grades;
  /** How often it was asked, as far as the log knows. */
  readonly searches: number;
}

/** So many fit into memory beside everything else. */
export const MAX_JUDGMENTS = 1_000_000;

/** The queries of an evaluation with all that is known of them. Throws `judgment_set_not_found`, `invalid_request`. */
export async function judgedQueries(
  db: Db,
  { collectionId, judgments }: EvaluationInput,
  signal: AbortSignal,
): Promise<JudgedQuery[]> {
  const byKey = new Map<string, { readonly query: string; readonly grades: Map<string, number> }>();
  let count = 0;
  const add = (key: string, query: string, itemId: string, grade: number): void => {
    const known = byKey.get(key) ?? { query, grades: new Map() };
    byKey.set(key, known);
    known.grades.set(itemId, grade);
    count++;
  };
  if (!('set' in judgments)) {
    for (const { query, itemId, grade } of judgments) add(queryKeyOf(query), query, itemId, grade);
  } else {
    for await (const rows of readJudgments(db, collectionId, judgments.set)) {
      signal.throwIfAborted();
      for (const { queryKey, query, itemId, grade } of rows) add(queryKey, query, itemId, grade);
      if (count > MAX_JUDGMENTS) throw tooMany(judgments.set);
    }
    if (count === 0) throw noSuchSet(judgments.set);
  }
  const searches = await countSearches(db, collectionId, [...byKey.keys()]);
  return [...byKey].map(([key, judged]) => ({ ...judged, searches: searches.get(key) ?? 0 }));
}

export const noSuchSet = (set: string): StudioError =>
  new StudioError('judgment_set_not_found', `The collection has no judgments in a set "${set}".`);

export const tooMany = (set: string): StudioError =>
  new StudioError(
    'invalid_request',
    `The set "${set}" has more than ${MAX_JUDGMENTS.toLocaleString('en')} judgments; that is more than one evaluation takes.`,
    { hint: 'Evaluate with a sample of its queries.' },
  );
