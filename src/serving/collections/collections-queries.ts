import type { Selectable } from 'kysely';
import { StudioError } from '../../foundation/core/errors.ts';
import type { Tables } from '../../foundation/database/tables.ts';
import { type CollectionSettings, storedRanking } from './evolve-schema.ts';
import type { Sql } from './item-tables.ts';
import type { Collection, Field, Fields, Metric, PartSettings } from './schema.ts';

// jsonb forgets the order of keys, and a field's place names its column: fields are stored as a list.
interface StoredFields {
  readonly list: ReadonlyArray<{ readonly name: string } & Field>;
}

function storedFields(fields: Fields): string {
  return JSON.stringify({ list: Object.entries(fields).map(([name, field]) => ({ name, ...field })) });
}

function loadedFields(stored: Record<string, unknown>): Fields {
  return Object.fromEntries((stored as unknown as StoredFields).list.map(({ name, ...field }) => [name, field]));
}

function toCollection(row: Selectable<Tables['collections']>): Collection {
  return Object.freeze({
    id: row.id,
    name: row.name,
    fields: loadedFields(row.fields),
    metric: row.metric as Metric,
    parts: row.parts as unknown as PartSettings,
    language: row.language,
    ranking: storedRanking(row.ranking),
    models: row.models,
    sequence: row.sequence,
    liveReleaseId: row.live_release_id,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  });
}

const columnsOfSettings = (settings: CollectionSettings) => ({
  fields: storedFields(settings.fields),
  metric: settings.metric,
  parts: JSON.stringify(settings.parts),
  language: settings.language,
  ranking: JSON.stringify(settings.ranking),
  models: JSON.stringify(settings.models),
});

/** Null when another process made a collection of this name first. */
export async function insertCollection(
  db: Sql,
  name: string,
  settings: CollectionSettings,
  now: Date,
): Promise<Collection | null> {
  const row = await db
    .insertInto('collections')
    .values({ name, ...columnsOfSettings(settings), created_at: now, updated_at: now, live_release_id: null })
    .onConflict((conflict) => conflict.column('name').doNothing())
    .returningAll()
    .executeTakeFirst();
  return row === undefined ? null : toCollection(row);
}

export async function updateCollection(
  db: Sql,
  id: number,
  settings: CollectionSettings,
  now: Date,
): Promise<Collection> {
  const row = await db
    .updateTable('collections')
    .set({ ...columnsOfSettings(settings), updated_at: now })
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirstOrThrow();
  return toCollection(row);
}

export async function findCollection(db: Sql, name: string): Promise<Collection | null> {
  const row = await db.selectFrom('collections').selectAll().where('name', '=', name).executeTakeFirst();
  return row === undefined ? null : toCollection(row);
}

export async function findCollectionById(db: Sql, id: number): Promise<Collection | null> {
  const row = await db.selectFrom('collections').selectAll().where('id', '=', id).executeTakeFirst();
  return row === undefined ? null : toCollection(row);
}

/** Throws `collection_not_found`. */
export async function collectionById(db: Sql, id: number): Promise<Collection> {
  const row = await db.selectFrom('collections').selectAll().where('id', '=', id).executeTakeFirst();
  if (row === undefined) throw new StudioError('collection_not_found', 'The collection has been deleted.');
  return toCollection(row);
}

/**
 * Reads a collection and keeps its writers waiting until the transaction ends. Not `for update`: that would also hold
 * up every insert that refers to the collection, the records of searches among them.
 */
export async function lockCollection(
  db: Sql,
  by: { readonly name: string } | { readonly id: number },
): Promise<Collection | null> {
  const query = db.selectFrom('collections').selectAll().forNoKeyUpdate();
  const row = await ('name' in by
    ? query.where('name', '=', by.name)
    : query.where('id', '=', by.id)
  ).executeTakeFirst();
  return row === undefined ? null : toCollection(row);
}

export async function listCollections(db: Sql, after: string, limit: number): Promise<Collection[]> {
  const rows = await db
    .selectFrom('collections')
    .selectAll()
    .where('name', '>', after)
    .orderBy('name')
    .limit(limit)
    .execute();
  return rows.map(toCollection);
}

export async function setSequence(db: Sql, id: number, sequence: number): Promise<void> {
  await db.updateTable('collections').set({ sequence }).where('id', '=', id).execute();
}

export async function setLiveRelease(db: Sql, id: number, releaseId: string | null): Promise<void> {
  await db.updateTable('collections').set({ live_release_id: releaseId }).where('id', '=', id).execute();
}

export async function deleteCollection(db: Sql, id: number): Promise<void> {
  await db.deleteFrom('collections').where('id', '=', id).execute();
}
