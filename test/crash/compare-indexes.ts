import { sql } from 'kysely';
import { realArray } from '../../src/serving/indexes/vector/real-array.ts';
import type { Studio } from '../../src/studio.ts';

const SAMPLE = 60;

interface IndexRow {
  readonly id: number;
  readonly kind: 'vector' | 'lexical';
  readonly applied_sequence: number;
}

/** Where the indexes of a collection differ from its log: 0 when they are equal. Its items have a `name` alone to read. */
export async function countAstray(
  studio: Studio,
  collection: { readonly id: number; readonly sequence: number },
): Promise<number> {
  const { rows } = await sql<IndexRow>`
    select id, kind, applied_sequence from indexes where collection_id = ${collection.id}`.execute(studio.database.db);
  let astray = 0;
  for (const index of rows) {
    if (index.applied_sequence !== collection.sequence) astray++;
    astray += await countUnpaired(studio, collection.id, index);
    astray += await (index.kind === 'vector' ? countStaleVectors : countStaleWords)(studio, collection.id, index.id);
  }
  return astray;
}

/** Items without an index row, index rows without an item, and items there twice. */
async function countUnpaired({ database: { db } }: Studio, collectionId: number, index: IndexRow): Promise<number> {
  const table = sql.table(index.kind === 'vector' ? `vectors_${index.id}` : `documents_${index.id}`);
  const { rows } = await sql<{ count: number }>`
    select (select count(*) from ${table} t full join
        (select key from ${sql.table(`items_${collectionId}`)} where not deleted) i on i.key = t.key
        where i.key is null or t.key is null)::integer
      + (select count(*) from (select key from ${table} group by key having count(*) > 1) twice)::integer as count`.execute(
    db,
  );
  return rows[0]?.count ?? 0;
}

/** Items whose words are those of an earlier state: changed ones are named "changed thing …". */
async function countStaleWords({ database: { db } }: Studio, collectionId: number, indexId: number): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*)::integer as count from ${sql.table(`items_${collectionId}`)} i
      join ${sql.table(`documents_${indexId}`)} d on d.key = i.key
    where (i.payload ->> 'name' like 'changed %') <> (' ' || d.terms || ' ' like '% chang %')`.execute(db);
  return rows[0]?.count ?? 0;
}

/** Of a sample of items, changed ones first, those whose vector is not what the encoder makes of their text now. */
async function countStaleVectors(
  { database: { db }, models }: Studio,
  collectionId: number,
  indexId: number,
): Promise<number> {
  const { rows: items } = await sql<{ key: number; name: string }>`
    select key, payload ->> 'name' as name from ${sql.table(`items_${collectionId}`)} where not deleted
    order by payload ->> 'name' not like 'changed %', sequence desc limit ${SAMPLE}`.execute(db);
  const encoder = await models.encoder('starter');
  const encoded = await encoder.encodeItems(items.map(({ name }) => ({ text: name })));
  let stale = 0;
  for (const [index, { key }] of items.entries()) {
    const vector = Object.values(encoded[index] as Record<string, Float32Array>)[0] as Float32Array;
    const { rows } = await sql<{ fits: boolean }>`
      select embedding <=> ${realArray([vector])}::real[]::vector < 0.001 as fits
      from ${sql.table(`vectors_${indexId}`)} where key = ${key}`.execute(db);
    if (rows[0]?.fits !== true) stale++;
  }
  return stale;
}
