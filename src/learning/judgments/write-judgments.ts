import type { Db } from '../../foundation/database/tables.ts';
import { queryKeyOf } from '../feedback/query-key.ts';
import type { Judgment } from './judgment.ts';
import {
  countUnknownItems,
  deleteJudgments,
  holdCollection,
  type JudgmentRow,
  lockSet,
  upsertJudgments,
} from './judgments-queries.ts';

export interface WriteTarget {
  readonly set: string;
  readonly provenance: string;
  readonly at: Date;
}

/** Rows of one statement. */
const CHUNK = 2000;

/** Writes checked judgments in one transaction; of several about one pair the last counts. Returns how many items are not known. */
export async function writeJudgments(
  db: Db,
  collectionId: number,
  target: WriteTarget,
  judgments: readonly Judgment[],
): Promise<number> {
  const rows = judgments.map(({ query, itemId, grade, weight = 1 }) => ({
    ...{ queryKey: queryKeyOf(query), query, itemId, grade, weight },
    ...{ deviation: null, support: null },
  }));
  // No text has the character NUL, which keeps the two apart.
  const distinct = [...new Map(rows.map((row) => [`${row.queryKey}\u0000${row.itemId}`, row])).values()];
  return await db.transaction().execute(async (transaction) => {
    await holdCollection(transaction, collectionId);
    await upsertAll(transaction, collectionId, target, distinct);
    return await countUnknownItems(
      transaction,
      collectionId,
      judgments.map(({ itemId }) => itemId),
    );
  });
}

/** Puts these rows, of distinct pairs, in the place of the whole set: readers see the old set or the new one. */
export async function replaceSet(
  db: Db,
  collectionId: number,
  target: WriteTarget,
  rows: readonly JudgmentRow[],
): Promise<void> {
  await db.transaction().execute(async (transaction) => {
    await holdCollection(transaction, collectionId);
    await lockSet(transaction, collectionId, target.set);
    await deleteJudgments(transaction, collectionId, target.set);
    await upsertAll(transaction, collectionId, target, rows);
  });
}

async function upsertAll(
  transaction: Db,
  collectionId: number,
  target: WriteTarget,
  rows: readonly JudgmentRow[],
): Promise<void> {
  for (let start = 0; start < rows.length; start += CHUNK)
    await upsertJudgments(transaction, { collectionId, ...target, rows: rows.slice(start, start + CHUNK) });
}
