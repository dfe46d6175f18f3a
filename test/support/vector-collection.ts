import { sql } from 'kysely';
import type { Database } from '../../src/foundation/database/open-database.ts';
import { columnsOf } from '../../src/serving/collections/columns.ts';
import { createItemTable, itemTable } from '../../src/serving/collections/item-tables.ts';
import type { Fields, Metric, PartAggregation } from '../../src/serving/collections/schema.ts';
import { vectorRowOf } from '../../src/serving/indexes/follow/group-kinds.ts';
import { insertIndex } from '../../src/serving/indexes/indexes-queries.ts';
import type { BuildSizes } from '../../src/serving/indexes/vector/hnsw-build.ts';
import type { PlannerLimits } from '../../src/serving/indexes/vector/planner.ts';
import { createVectorIndex, type ProbedVectorIndex } from '../../src/serving/indexes/vector/vector-index.ts';
import { createVectorTables } from '../../src/serving/indexes/vector/vector-tables.ts';

export interface VectorItem {
  readonly key: number;
  readonly parts: readonly Float32Array[];
  readonly deleted?: boolean;
  /** A number to filter by: `i.f0`. */
  readonly value?: number;
  /** A keyword to filter by: `i.f1`. */
  readonly group?: string;
}

export interface VectorCollectionOptions {
  readonly name?: string;
  readonly dimensions: number;
  readonly metric?: Metric;
  readonly aggregate?: PartAggregation;
  readonly storage?: 'vector' | 'halfvec';
  readonly sizes?: BuildSizes;
}

const FIELDS: Fields = { value: { type: 'number', filter: true }, group: { type: 'keyword', filter: true } };
let made = 0;

/** A collection whose item and vector tables are written directly: no encoder, no follower. */
export async function makeVectorCollection({ db, engine }: Database, options: VectorCollectionOptions) {
  const { dimensions, metric = 'cosine', aggregate = 'max', storage = 'vector', sizes } = options;
  const now = new Date();
  const parts = { split: { kind: 'none' }, aggregate } as const;
  const { id } = await db
    .insertInto('collections')
    .values({
      name: options.name ?? `vectors-${process.pid}-${++made}`,
      fields: JSON.stringify(FIELDS),
      metric,
      parts: JSON.stringify(parts),
      language: 'english',
      ranking: '{}',
      models: '{}',
      created_at: now,
      updated_at: now,
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  await createItemTable(db, id, columnsOf(FIELDS));
  const space = 'test-space';
  const row = await insertIndex(
    db,
    id,
    { kind: 'vector', modelId: 'test', output: 'dense', space, dimensions, storage },
    now,
  );
  const tables = createVectorTables(engine.kind, sizes);
  const indexRow = vectorRowOf(row);
  await tables.create(db, indexRow);
  const collection = { id, metric, parts, fields: FIELDS };
  return {
    row: indexRow,
    collection,
    tables,
    open: (limits?: PlannerLimits): ProbedVectorIndex =>
      createVectorIndex(db, engine.kind, row, collection, ...(limits === undefined ? [] : [limits])),
    async put(items: readonly VectorItem[]): Promise<void> {
      const keys = items.map((item) => item.key);
      await sql`
        insert into ${itemTable(id)} (key, id, sequence, payload_hash, deleted, payload, created_at, updated_at, f0, f1)
        select key, 'item ' || key, key, '', deleted, '{}', now(), now(), value, kind from unnest(${keys}::integer[],
          ${items.map((item) => item.deleted === true)}::boolean[], ${items.map((item) => item.value ?? 0)}::float8[],
          ${items.map((item) => item.group ?? '')}::text[]) as n (key, deleted, value, kind)
        on conflict (key) do update set deleted = excluded.deleted, f0 = excluded.f0, f1 = excluded.f1`.execute(db);
      const rows = items.flatMap((item) =>
        item.parts.map((embedding, part) => ({ key: item.key, part, text: `text ${item.key}.${part}`, embedding })),
      );
      await db.transaction().execute((transaction) => tables.replace(transaction, indexRow, keys, rows));
    },
    ensureIndex: () => tables.ensureIndex(db, indexRow, collection as never),
  };
}
