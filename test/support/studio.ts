import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { beforeAll } from 'vitest';
import { type Clock, systemClock } from '../../src/foundation/core/clock.ts';
import type { Database } from '../../src/foundation/database/open-database.ts';
import { createBlobStore } from '../../src/serving/blobs/blob-store.ts';
import { Collections } from '../../src/serving/collections/collections.ts';
import { itemTable } from '../../src/serving/collections/item-tables.ts';
import type { Collection } from '../../src/serving/collections/schema.ts';
import type { ItemsContext } from '../../src/serving/collections/upsert-items.ts';
import { Indexes } from '../../src/serving/indexes/indexes.ts';
import { lexicalTables } from '../../src/serving/indexes/lexical/lexical-tables.ts';
import { createVectorTables } from '../../src/serving/indexes/vector/vector-tables.ts';
import { createCountingEncoder } from './counting-encoder.ts';

/** One database for all tests of a suite, whose tests keep apart by collection: opening one takes a second. */
export function sharedBetweenTests(open: () => Promise<Database>): () => Promise<Database> {
  let opened: Promise<Database> | undefined;
  // Here and not in the first test, because what a test opens is closed after it.
  beforeAll(async () => {
    opened = open();
    await opened;
  });
  return async () => {
    if (opened === undefined) throw new Error('Call sharedBetweenTests in the body of a describe.');
    return await opened;
  };
}

let collectionNumber = 0;
/** A name that no other test uses. */
export const freshName = (): string => `things-${++collectionNumber}`;

/** Collections, items and indexes over a database, with the counting encoder. */
export async function openStudio(
  { engine, db }: Pick<Database, 'engine' | 'db'>,
  options: { readonly clock?: Clock } = {},
) {
  const clock = options.clock ?? systemClock;
  const blobs = createBlobStore({ directory: await mkdtemp(join(tmpdir(), 'blobs-')), db, clock });
  const text = createCountingEncoder({ modelId: 'starter' });
  const image = createCountingEncoder({ modelId: 'starter-image', modality: 'image' });
  const errors: unknown[] = [];
  const makeIndexes = (): Indexes =>
    new Indexes({
      engine,
      db,
      blobs,
      clock,
      vectorTables: createVectorTables(engine.kind),
      lexicalTables,
      loadEncoder: async (modelId) => (modelId.startsWith('starter-image') ? image.encoder : text.encoder),
      onError: (error) => errors.push(error),
    });
  const indexes = makeIndexes();
  const collections = new Collections({ engine, db, indexes, clock });
  const items: ItemsContext = { engine, db, blobs, clock };
  return { engine, db, blobs, text, image, indexes, makeIndexes, collections, items, errors };
}

export interface RawItem {
  readonly key: number;
  readonly id: string;
  readonly sequence: number;
  readonly embed_sequence: number;
  readonly lexical_sequence: number;
  readonly version: number | null;
  readonly deleted: boolean;
  readonly payload: Record<string, unknown>;
  readonly [column: string]: unknown;
}

/** The item table as it is, tombstones included, by id. */
export async function rawItems(db: Database['db'], collection: Pick<Collection, 'id'>): Promise<Map<string, RawItem>> {
  const result = await sql<RawItem>`select * from ${itemTable(collection.id)} order by sequence`.execute(db);
  return new Map(result.rows.map((row) => [row.id, row]));
}
