import { sql } from 'kysely';
import { expect, it } from 'vitest';
import { reclaimSpace } from '../../../src/foundation/database/reclaim-space.ts';
import type { Db } from '../../../src/foundation/database/tables.ts';
import { describeOnEveryDatabase } from '../../support/databases.ts';

const sizeOf = async (db: Db, table: string): Promise<number> =>
  (await sql<{ bytes: number }>`select pg_relation_size(${table}::regclass)::float8 as bytes`.execute(db)).rows[0]!
    .bytes;

describeOnEveryDatabase('space of rows that changed', (open) => {
  it('is used again, so that a table that is changed for ever does not grow for ever', async () => {
    const { db } = await open();
    await sql`create table items_1 (key integer primary key, sequence integer unique, payload text)`.execute(db);
    await sql`insert into items_1 select n, n, repeat('x', 200) from generate_series(1, 3000) n`.execute(db);
    // A cheap graph: it is built anew by each change.
    await sql`create table vectors_1 (key integer primary key, embedding vector(200))`.execute(db);
    await sql`alter table vectors_1 alter column embedding set storage plain`.execute(db);
    await sql`insert into vectors_1 select n, (select array_agg(sin(n * i)) from generate_series(1, 200) i)::real[]::vector
      from generate_series(1, 1300) n`.execute(db);
    await sql`create index on vectors_1 using hnsw (embedding vector_cosine_ops) with (m = 2, ef_construction = 4)`.execute(
      db,
    );
    const change = async (): Promise<void> => {
      await sql`update items_1 set sequence = sequence + 10000`.execute(db);
      await sql`update vectors_1 set key = key + 10000`.execute(db);
      while ((await reclaimSpace(db)) !== null) {
        // One table a call.
      }
    };
    await change();
    const [items, vectors] = [await sizeOf(db, 'items_1'), await sizeOf(db, 'vectors_1')];
    for (let round = 0; round < 3; round++) await change();
    expect(await sizeOf(db, 'items_1')).toBeLessThan(items * 1.3);
    expect(await sizeOf(db, 'vectors_1')).toBeLessThan(vectors * 1.3);
  });

  it('is left alone where there is little of it, and in the tables of others', async () => {
    const { db } = await open();
    await sql`create table items_1 (key integer primary key)`.execute(db);
    await sql`create table archive_2024 (key integer primary key)`.execute(db);
    await sql`insert into items_1 select generate_series(1, 900)`.execute(db);
    await sql`insert into archive_2024 select generate_series(1, 3000)`.execute(db);
    await sql`update items_1 set key = key + 1000`.execute(db);
    await sql`update archive_2024 set key = key + 10000`.execute(db);
    expect(await reclaimSpace(db)).toBe(null);
  });
});
