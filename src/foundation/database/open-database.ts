import type { Engine } from './engine.ts';
import { createKysely } from './kysely-driver.ts';
import { migrate } from './migrate.ts';
import { openPglite } from './pglite/open-pglite.ts';
import { openPostgres } from './postgres/open-postgres.ts';
import type { Db } from './tables.ts';

export interface Database {
  readonly engine: Engine;
  readonly db: Db;
  close(): Promise<void>;
}

export interface OpenDatabaseOptions {
  /** Folder of the embedded database, made if it is not there, or `memory` (the default), which is gone when closed. */
  readonly dataDirectory?: string | 'memory';
  /** A PostgreSQL server (postgres://user@host:port/database); it goes before the data directory. */
  readonly databaseUrl?: string;
  /** Sessions on PostgreSQL, 10 unless told otherwise. The embedded database has one. */
  readonly poolSize?: number;
  /** PostgreSQL gives up a statement after so many milliseconds; 0 or nothing: never. The embedded database cannot. */
  readonly statementTimeoutMs?: number;
  /**
   * Embedded database on a folder: whether a commit waits until it has reached the disk (true unless told otherwise).
   * Without it a commit survives the death of the process, but not a power cut.
   */
  readonly fsync?: boolean;
  /** Told what an operator should know; nothing is printed otherwise. */
  readonly log?: (level: 'info' | 'warn', message: string) => void;
}

/**
 * Opens the database and brings its tables up to date.
 *
 * Throws `data_directory_locked`, `data_directory_foreign`, `database_unavailable`, `database_unsuitable`.
 *
 * @example
 * const { db, close } = await openDatabase({ dataDirectory: './.data' });
 */
export async function openDatabase(options: OpenDatabaseOptions = {}): Promise<Database> {
  const log = options.log ?? (() => {});
  const engine =
    options.databaseUrl === undefined
      ? await openPglite({
          dataDirectory: options.dataDirectory === 'memory' ? null : (options.dataDirectory ?? null),
          fsync: options.fsync ?? true,
          prepare: (fresh) => migrate(createKysely(fresh)),
          log,
        })
      : await openPostgres({
          databaseUrl: options.databaseUrl,
          poolSize: options.poolSize ?? 10,
          statementTimeoutMs: options.statementTimeoutMs ?? 0,
          prepare: (fresh) => migrate(createKysely(fresh)),
          log,
        });
  return { engine, db: createKysely(engine), close: () => engine.close() };
}
