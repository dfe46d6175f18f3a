import { sql } from 'kysely';
import { StudioError } from '../../src/foundation/core/errors.ts';
import type { Engine } from '../../src/foundation/database/engine.ts';
import { createKysely } from '../../src/foundation/database/kysely-driver.ts';
import { type Database, openDatabase } from '../../src/foundation/database/open-database.ts';
import type { Db } from '../../src/foundation/database/tables.ts';

/**
 * Embedded databases in memory that a test file uses again and again: emptying one takes some milliseconds, starting
 * one half a second of processor time.
 */
export class SpareDatabases {
  readonly #spare: Spare[] = [];

  async open(): Promise<Database> {
    const spare = this.#spare.pop() ?? (await startSpare());
    const lease = new Lease(spare.database.engine);
    let closing: Promise<void> | null = null;
    return {
      engine: lease,
      db: createKysely(lease),
      close: () => {
        closing ??= lease.close().then(() => this.#takeBack(spare));
        return closing;
      },
    };
  }

  async close(): Promise<void> {
    for (const { database } of this.#spare.splice(0)) await database.close();
  }

  async #takeBack(spare: Spare): Promise<void> {
    try {
      await makeEmpty(spare);
      this.#spare.push(spare);
    } catch {
      await spare.database.close();
    }
  }
}

interface Spare {
  readonly database: Database;
  /** What the migrations made. */
  readonly tables: readonly string[];
}

async function startSpare(): Promise<Spare> {
  const database = await openDatabase({ dataDirectory: 'memory' });
  return { database, tables: await tableNames(database.db) };
}

/** A database as a test sees it: closed for that test alone, with its listeners gone and its sessions given back. */
class Lease implements Engine {
  readonly kind = 'pglite';
  readonly #engine: Engine;
  readonly #stops = new Set<() => Promise<void>>();
  #closed = false;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  acquire: Engine['acquire'] = async () => {
    this.#check();
    const session = await this.#engine.acquire();
    if (!this.#closed) return session;
    session.release();
    throw closedError();
  };

  notify: Engine['notify'] = async (channel, payload) => {
    this.#check();
    await this.#engine.notify(channel, payload);
  };

  listen: Engine['listen'] = async (channel, handler) => {
    this.#check();
    const stop = await this.#engine.listen(channel, handler);
    this.#stops.add(stop);
    return stop;
  };

  /** Waits for the session, if somebody has it. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const stop of this.#stops) await stop();
    (await this.#engine.acquire()).release();
  }

  #check(): void {
    if (this.#closed) throw closedError();
  }
}

function closedError(): StudioError {
  return new StudioError('database_unavailable', 'The database is closed.');
}

const MIGRATION_TABLES = ['kysely_migration', 'kysely_migration_lock'];

/** Back to the state after the migrations. */
async function makeEmpty({ database: { db }, tables }: Spare): Promise<void> {
  const others = (await tableNames(db)).filter((name) => !tables.includes(name));
  if (others.length > 0) await sql`drop table ${sql.join(others.map((name) => sql.table(name)))} cascade`.execute(db);
  const filled = tables.filter((name) => !MIGRATION_TABLES.includes(name)).map((name) => sql.table(name));
  await sql`truncate ${sql.join(filled)} restart identity cascade`.execute(db);
  await sql`discard all`.execute(db);
}

async function tableNames(db: Db): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`
    select relname as name from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace`.execute(db);
  return rows.map(({ name }) => name);
}
