import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rename, rm, stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { sql } from 'kysely';
import { migrations } from '../migrations/index.ts';
import type { Db } from '../tables.ts';
import { describeTable, ownTables, readRows } from './catalogue-queries.ts';
import { type DumpFile, type DumpProgress, FORMAT, type HeaderLine, type TrailerLine } from './format.ts';

/** Rows of vectors are 5 to 40 kB each: a batch stays within some megabytes. */
const BATCH_ROWS = 250;

export interface WriteDumpOptions {
  readonly productVersion: string;
  readonly now: Date;
  /** What lies beside the database, for example pictures; read while the dump is written. */
  readonly files?: AsyncIterable<DumpFile>;
  readonly onProgress?: (progress: DumpProgress) => void;
}

/**
 * Writes a whole installation into one file, which appears when it is complete. Everything is of one moment: a snapshot
 * on PostgreSQL; the embedded database is held for as long as it takes.
 */
export async function writeDump(db: Db, file: string, options: WriteDumpOptions): Promise<{ readonly bytes: number }> {
  const draft = `${file}.${process.pid}.part`;
  try {
    await pipeline(
      Readable.from(dumpLines(db, options)),
      createGzip({ level: 6 }),
      createWriteStream(draft, { mode: 0o600 }),
    );
    const { size } = await stat(draft);
    await rename(draft, file);
    return { bytes: size };
  } finally {
    await rm(draft, { force: true });
  }
}

/** The lines as chunks of bytes, not yet packed. */
async function* dumpLines(db: Db, options: WriteDumpOptions): AsyncGenerator<Buffer> {
  const hash = createHash('sha256');
  let rows = 0;
  let files = 0;
  const encode = (lines: readonly unknown[]): Buffer => {
    const bytes = Buffer.from(lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
    hash.update(bytes);
    return bytes;
  };
  const transaction = await db
    .startTransaction()
    .setIsolationLevel('repeatable read')
    .setAccessMode('read only')
    .execute();
  try {
    // Otherwise a float or a date reads differently with the settings of the session.
    await sql`select set_config('extra_float_digits', '1', true), set_config('datestyle', 'ISO, MDY', true),
      set_config('intervalstyle', 'postgres', true), set_config('bytea_output', 'hex', true),
      set_config('timezone', 'UTC', true), set_config('statement_timeout', '0', true)`.execute(transaction);
    const tables = await ownTables(transaction);
    const header: HeaderLine = {
      embeddingStudioDump: FORMAT,
      productVersion: options.productVersion,
      migrations: Object.keys(migrations),
      createdAt: options.now.toISOString(),
      tables: tables.length,
    };
    yield encode([header]);
    for (const table of tables) {
      const description = await describeTable(transaction, table);
      yield encode([description]);
      let done = 0;
      for await (const batch of readRows(transaction, description, BATCH_ROWS)) {
        yield encode(batch);
        done += batch.length;
        options.onProgress?.({ stage: 'tables', name: table, done, total: description.rows });
      }
      rows += done;
    }
  } finally {
    // Nothing was written; and whoever stops reading half-way must not leave the session in a transaction.
    await transaction.rollback().execute();
  }
  for await (const { name, content } of options.files ?? []) {
    yield encode([{ file: name, content: Buffer.from(content).toString('base64') }]);
    files += 1;
    options.onProgress?.({ stage: 'files', name, done: files, total: null });
  }
  const trailer: TrailerLine = { end: true, rows, files, sha256: hash.digest('hex') };
  yield Buffer.from(`${JSON.stringify(trailer)}\n`);
}
