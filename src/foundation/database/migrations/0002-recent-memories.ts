import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/**
 * A search compares itself with the newest memories of its collection. It must not sort all of them to find those, nor
 * fetch each vector from beside its row, where PostgreSQL would put it for the sake of a long list of cells.
 */
export const recentMemories: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql`create index memory_queries_recent on memory_queries (collection_id, updated_at desc) where clicks > 0`.execute(
      db,
    );
    await sql`alter table memory_queries alter column embedding set storage main`.execute(db);
  },
};
