import { sql } from 'kysely';
import type { Db } from '../../src/foundation/database/tables.ts';
import { createItemTable, itemTable } from '../../src/serving/collections/item-tables.ts';
import type { Fields } from '../../src/serving/collections/schema.ts';
import { createLexicalIndex } from '../../src/serving/indexes/lexical/lexical-index.ts';
import { lexicalTables } from '../../src/serving/indexes/lexical/lexical-tables.ts';
import type { Change, LexicalIndex, PreparedBatch } from '../../src/serving/indexes/ports.ts';

type Payload = Readonly<Record<string, unknown>>;

export interface LexicalBench {
  readonly indexId: number;
  readonly collectionId: number;
  readonly index: LexicalIndex;
  /** Writes item rows alone, as if the index had not followed yet; null deletes. Returns the changes. */
  writeItems(items: ReadonlyMap<number, Payload | null>): Promise<Change[]>;
  prepare(changes: readonly Change[]): Promise<PreparedBatch>;
  /** Applies changes as a follower does: prepared outside, written in one transaction. */
  apply(changes: readonly Change[]): Promise<void>;
  openIndex(): LexicalIndex;
  drop(): Promise<void>;
}

/** An item table and a lexical index over it, without followers: keys are given by the caller, ids are `i<key>`. */
export async function openLexical(db: Db, settings: { fields: Fields; language?: string }): Promise<LexicalBench> {
  const language = settings.language ?? 'english';
  const now = new Date();
  const row = await db
    .insertInto('collections')
    .values({
      name: `c${Math.random()}`,
      fields: JSON.stringify(settings.fields),
      metric: 'cosine',
      parts: '{}',
      language,
      ranking: '{}',
      models: '{}',
      created_at: now,
      updated_at: now,
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  const collectionId = row.id;
  await createItemTable(db, collectionId, []);
  const { id: indexId } = await db
    .insertInto('indexes')
    .values({ collection_id: collectionId, kind: 'lexical', statistics: '{}', created_at: now })
    .returning('id')
    .executeTakeFirstOrThrow();
  await lexicalTables.create(db, indexId);
  const collection = { id: collectionId, language, fields: settings.fields };
  const writer = lexicalTables.writer(indexId, collection);
  const openIndex = (): LexicalIndex => createLexicalIndex(db, { id: indexId }, collection);
  let sequence = 0;
  return {
    indexId,
    collectionId,
    index: openIndex(),
    openIndex,
    async writeItems(items) {
      const changes = [...items].map(([key, payload]) => ({
        key,
        id: `i${key}`,
        sequence: ++sequence,
        deleted: payload === null,
        payload: payload ?? {},
        embedSequence: 0,
        lexicalSequence: sequence,
      }));
      await sql`
        insert into ${itemTable(collectionId)} (key, id, sequence, deleted, payload, payload_hash, created_at, updated_at)
        select r.key, r.id, r.sequence, r.deleted, r.payload, '', now(), now() from jsonb_to_recordset(${JSON.stringify(changes)}::jsonb)
          as r (key integer, id text, sequence bigint, deleted boolean, payload jsonb)
        on conflict (key) do update set sequence = excluded.sequence, deleted = excluded.deleted, payload = excluded.payload`.execute(
        db,
      );
      return changes;
    },
    prepare: (changes) => writer.prepare(changes),
    async apply(changes) {
      const prepared = await writer.prepare(changes);
      await db.transaction().execute((transaction) => prepared.write(transaction));
    },
    async drop() {
      await lexicalTables.drop(db, indexId);
    },
  };
}
