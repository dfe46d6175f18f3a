import { sql } from 'kysely';
import type { Db } from '../../../foundation/database/tables.ts';

export interface JudgmentRow {
  readonly queryKey: string;
  readonly query: string;
  readonly itemId: string;
  readonly grade: number;
}

const PAGE = 10_000;

export async function countJudgments(db: Db, collectionId: number, set: string): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*)::integer as count from judgments
    where collection_id = ${collectionId}::integer and set_name = ${set}::text`.execute(db);
  return rows[0]?.count ?? 0;
}

/** A set in the order of its queries, page by page. */
export async function* readJudgments(
  db: Db,
  collectionId: number,
  set: string,
): AsyncGenerator<readonly JudgmentRow[], void, undefined> {
  for (let last: JudgmentRow | undefined; ; ) {
    const { rows } = await sql<JudgmentRow>`
      select query_key as "queryKey", query, item_id as "itemId", grade from judgments
      where collection_id = ${collectionId}::integer and set_name = ${set}::text
        and (query_key, item_id) > (${last?.queryKey ?? ''}::text, ${last?.itemId ?? ''}::text)
      order by query_key, item_id limit ${PAGE}::integer`.execute(db);
    yield rows;
    last = rows.at(-1);
    if (rows.length < PAGE) return;
  }
}

/** How often each query was asked, as far as the log still has it; what was never asked is not among them. */
export async function countSearches(
  db: Db,
  collectionId: number,
  queryKeys: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>();
  for (let from = 0; from < queryKeys.length; from += PAGE) {
    const { rows } = await sql<{ query_key: string; searches: number }>`
      select query_key, count(*)::integer as searches from searches
      where collection_id = ${collectionId}::integer and query_key = any(${queryKeys.slice(from, from + PAGE)}::text[])
      group by query_key`.execute(db);
    for (const { query_key, searches } of rows) counts.set(query_key, searches);
  }
  return counts;
}
