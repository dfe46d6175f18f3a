import { sql } from 'kysely';
import { Migrator } from 'kysely/migration';
import { StudioError } from '../core/errors.ts';
import { migrations } from './migrations/index.ts';
import type { Db } from './tables.ts';

/**
 * Brings the tables up to date; forward only. Of two processes that start at once one migrates and the other waits
 * (an advisory lock). Throws `database_unsuitable` for a database that a newer version of the product has written.
 */
export async function migrate(db: Db): Promise<void> {
  const done = await migrationsDone(db);
  const unknown = done.find((name) => !(name in migrations));
  if (unknown !== undefined) {
    throw new StudioError(
      'database_unsuitable',
      `The database has the migration ${unknown}, which this version does not know.`,
      {
        hint: 'It was written by a newer version; use that one, or import an export into an empty database.',
      },
    );
  }
  if (done.length === Object.keys(migrations).length) return;
  const migrator = new Migrator({ db, provider: { getMigrations: async () => migrations } });
  const { error } = await migrator.migrateToLatest();
  if (error !== undefined) throw error;
}

async function migrationsDone(db: Db): Promise<string[]> {
  const there = await sql<{ there: boolean }>`select to_regclass('kysely_migration') is not null as there`.execute(db);
  if (there.rows[0]?.there !== true) return [];
  const done = await sql<{ name: string }>`select name from kysely_migration order by name`.execute(db);
  return done.rows.map(({ name }) => name);
}
