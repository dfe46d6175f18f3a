import type { Selectable } from 'kysely';
import { newId } from '../../foundation/core/ids.ts';
import type { Tables } from '../../foundation/database/tables.ts';
import { storedRanking } from '../collections/evolve-schema.ts';
import type { Sql } from '../collections/item-tables.ts';
import type { RankingSettings } from '../collections/schema.ts';

export type IndexRow = Selectable<Tables['indexes']>;

export async function indexesOf(db: Sql, collectionId: number): Promise<IndexRow[]> {
  return await db.selectFrom('indexes').selectAll().where('collection_id', '=', collectionId).orderBy('id').execute();
}

/** Makes followers wait. They lock an index before its tables, so whoever drops tables does the same. */
export async function lockIndexes(db: Sql, collectionId: number): Promise<IndexRow[]> {
  const query = db.selectFrom('indexes').selectAll().where('collection_id', '=', collectionId).orderBy('id');
  return await query.forUpdate().execute();
}

export interface NewIndex {
  readonly kind: 'vector' | 'lexical';
  readonly modelId: string | null;
  readonly output: string | null;
  readonly space: string | null;
  readonly dimensions: number | null;
  readonly storage: 'vector' | 'halfvec' | null;
}

export async function insertIndex(db: Sql, collectionId: number, index: NewIndex, now: Date): Promise<IndexRow> {
  return await db
    .insertInto('indexes')
    .values({
      collection_id: collectionId,
      kind: index.kind,
      model_id: index.modelId,
      output: index.output,
      space: index.space,
      dimensions: index.dimensions,
      storage: index.storage,
      statistics: '{}',
      created_at: now,
    })
    .returningAll()
    .executeTakeFirstOrThrow();
}

export async function insertLiveRelease(
  db: Sql,
  release: {
    readonly collectionId: number;
    readonly indexIds: readonly number[];
    readonly ranking: RankingSettings;
    readonly now: Date;
  },
): Promise<string> {
  const id = newId(release.now);
  // One live release a collection; the one before it stays for rollback, older ones for explaining old searches.
  const of = (state: string) =>
    db.updateTable('releases').where('collection_id', '=', release.collectionId).where('state', '=', state);
  await of('previous').set({ state: 'retired' }).execute();
  await of('live').set({ state: 'previous' }).execute();
  await db
    .insertInto('releases')
    .values({
      id,
      collection_id: release.collectionId,
      state: 'live',
      index_ids: [...release.indexIds],
      ranking: JSON.stringify(release.ranking),
      created_at: release.now,
    })
    .execute();
  return id;
}

export async function findRelease(
  db: Sql,
  id: string,
): Promise<{ readonly indexIds: readonly number[]; readonly ranking: RankingSettings } | null> {
  const row = await db.selectFrom('releases').select(['index_ids', 'ranking']).where('id', '=', id).executeTakeFirst();
  return row === undefined ? null : { indexIds: row.index_ids, ranking: storedRanking(row.ranking) };
}

export interface ReleaseRow {
  readonly id: string;
  readonly state: string;
  readonly indexIds: readonly number[];
  readonly ranking: RankingSettings;
  readonly createdAt: Date;
}

/** The newest first. */
export async function listReleases(db: Sql, collectionId: number, limit: number): Promise<ReleaseRow[]> {
  const rows = await db
    .selectFrom('releases')
    .select(['id', 'state', 'index_ids', 'ranking', 'created_at'])
    .where('collection_id', '=', collectionId)
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .limit(limit)
    .execute();
  return rows.map((row) => ({
    id: row.id,
    state: row.state,
    indexIds: row.index_ids,
    ranking: storedRanking(row.ranking),
    createdAt: row.created_at,
  }));
}

export async function deleteIndex(db: Sql, indexId: number): Promise<void> {
  await db.deleteFrom('indexes').where('id', '=', indexId).execute();
}
