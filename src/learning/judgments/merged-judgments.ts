import type { Db } from '../../foundation/database/tables.ts';
import type { StoredJudgment } from './judgment.ts';
import { readByPair } from './judgments-queries.ts';

const PAGE = 5000;

/**
 * What several sets say together, for training and evaluation: where more than one has a pair, the set named first is heard. In pages
 * of bounded size, in the order of query and item. Grades are not converted: merge sets that share a scale.
 *
 * @example for await (const page of mergedJudgments(db, collection.id, ['ratings', 'clicks'])) …
 */
export async function* mergedJudgments(
  db: Db,
  collectionId: number,
  sets: readonly string[],
): AsyncGenerator<readonly StoredJudgment[]> {
  const wanted = [...new Set(sets)];
  const limit = PAGE + wanted.length;
  let after: readonly [string, string] | null = null;
  for (;;) {
    const rows: StoredJudgment[] = await readByPair(db, collectionId, wanted, after, limit);
    const pairs = [...groupPairs(rows)];
    const isLast = rows.length < limit;
    // The page may end in the middle of a pair, which is then read again with the next one.
    if (!isLast) pairs.pop();
    if (pairs.length > 0) yield pairs.map((pair) => firstHeard(pair, wanted));
    const last = pairs.at(-1)?.[0];
    if (isLast || last === undefined) return;
    after = [last.queryKey, last.itemId];
  }
}

function* groupPairs(rows: readonly StoredJudgment[]): Generator<StoredJudgment[]> {
  let pair: StoredJudgment[] = [];
  for (const row of rows) {
    const [before] = pair;
    if (before !== undefined && (before.queryKey !== row.queryKey || before.itemId !== row.itemId)) {
      yield pair;
      pair = [];
    }
    pair.push(row);
  }
  if (pair.length > 0) yield pair;
}

const firstHeard = (pair: readonly StoredJudgment[], sets: readonly string[]): StoredJudgment =>
  pair.reduce((best, other) => (sets.indexOf(other.set) < sets.indexOf(best.set) ? other : best));
