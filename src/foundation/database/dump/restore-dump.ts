import { sql } from 'kysely';
import { StudioError } from '../../core/errors.ts';
import { migrate } from '../migrate.ts';
import type { Db } from '../tables.ts';
import type { DumpFile, DumpProgress, RowLine, TableLine } from './format.ts';
import { readDump } from './read-dump.ts';
import {
  addConstraint,
  createIndexes,
  createTable,
  dropOwnTables,
  firstFilledTable,
  insertRows,
  setSequences,
} from './restore-queries.ts';

const BATCH_ROWS = 1_000;
const BATCH_BYTES = 4 * 2 ** 20;

export interface RestoreDumpOptions {
  /** Takes what lay beside the database. */
  readonly onFile?: (file: DumpFile) => Promise<void>;
  readonly onProgress?: (progress: DumpProgress) => void;
}

/**
 * Fills an empty installation from a dump of either engine, of this version or an older one, in one transaction.
 *
 * The whole file is checked before anything is touched. Throws `invalid_dump`, and `installation_not_empty` when there
 * are collections already. The definitions in a dump are executed: restore only what you trust, as with any backup.
 */
export async function restoreDump(db: Db, file: string, options: RestoreDumpOptions = {}): Promise<void> {
  for await (const _ of readDump(file));
  await db.transaction().execute(async (transaction) => {
    const filled = await firstFilledTable(transaction);
    if (filled !== null) {
      throw new StudioError('installation_not_empty', `There are rows in the table ${filled} already.`);
    }
    await sql`select set_config('maintenance_work_mem', '256MB', true), set_config('statement_timeout', '0', true),
      set_config('timezone', 'UTC', true)`.execute(transaction);
    await dropOwnTables(transaction);
    await load(transaction, file, options);
  });
  // A dump of an older version has brought its tables as they were.
  await migrate(db);
}

async function load(db: Db, file: string, options: RestoreDumpOptions): Promise<void> {
  const tables: TableLine[] = [];
  const batch = new Batch(db, options);
  let files = 0;
  for await (const line of readDump(file)) {
    if (line.kind === 'row') {
      await batch.add(line.row);
    } else if (line.kind === 'table') {
      await batch.finish();
      tables.push(line.table);
      await createTable(db, line.table);
      batch.begin(line.table);
    } else if (line.kind === 'file') {
      files += 1;
      const { file: name, content } = line.file;
      await options.onFile?.({ name, content: Buffer.from(content, 'base64') });
      options.onProgress?.({ stage: 'files', name, done: files, total: null });
    }
  }
  await batch.finish();
  // Foreign keys need the other tables and their keys.
  for (const { table, constraints } of tables) {
    for (const constraint of constraints) if (constraint.kind === 'f') await addConstraint(db, table, constraint);
  }
}

/** Rows of one table on their way in; keys, indexes and sequences follow when it is complete. */
class Batch {
  readonly #db: Db;
  readonly #options: RestoreDumpOptions;
  #table: TableLine | null = null;
  #rows: RowLine[] = [];
  #bytes = 0;
  #done = 0;

  constructor(db: Db, options: RestoreDumpOptions) {
    this.#db = db;
    this.#options = options;
  }

  begin(table: TableLine): void {
    this.#table = table;
    this.#done = 0;
  }

  async add(row: RowLine): Promise<void> {
    this.#rows.push(row);
    for (const value of row) this.#bytes += value?.length ?? 0;
    if (this.#rows.length >= BATCH_ROWS || this.#bytes >= BATCH_BYTES) await this.#flush();
  }

  async finish(): Promise<void> {
    if (this.#table === null) return;
    await this.#flush();
    const { table, constraints } = this.#table;
    for (const constraint of constraints) if (constraint.kind !== 'f') await addConstraint(this.#db, table, constraint);
    await createIndexes(this.#db, this.#table);
    await setSequences(this.#db, this.#table);
    this.#table = null;
  }

  async #flush(): Promise<void> {
    if (this.#table === null || this.#rows.length === 0) return;
    await insertRows(this.#db, this.#table, this.#rows);
    this.#done += this.#rows.length;
    this.#rows = [];
    this.#bytes = 0;
    this.#options.onProgress?.({ stage: 'tables', name: this.#table.table, done: this.#done, total: this.#table.rows });
  }
}
