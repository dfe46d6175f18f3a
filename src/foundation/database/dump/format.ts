import { z } from 'zod';

/**
 * A dump is a gzip stream of JSON lines:
 *
 * 1. one header;
 * 2. per table a table line, then one line per row: an array with each column's value as PostgreSQL writes it, or null;
 * 3. one line per file (pictures), content in base64;
 * 4. one trailer with the counts and the SHA-256 of every byte before it.
 *
 * Definitions are PostgreSQL's own words and values its own text, so a dump of one engine restores on the other.
 */
export const FORMAT = 1;

const headerLine = z.strictObject({
  embeddingStudioDump: z.literal(FORMAT),
  productVersion: z.string(),
  migrations: z.array(z.string()),
  createdAt: z.string(),
  tables: z.int().nonnegative(),
});

const name = z.string().min(1).max(63);

const column = z.strictObject({
  name,
  /** As `format_type` writes it, for example `double precision[]`. */
  type: z.string(),
  /** What follows the type in `create table`: collation, identity, default, not null. */
  rest: z.string(),
  /** Generated columns have no values in the dump. */
  stored: z.boolean(),
});

const tableLine = z.strictObject({
  table: name,
  unlogged: z.boolean(),
  /** What follows the columns, for example `with (fillfactor=90)`. */
  options: z.string(),
  rows: z.int().nonnegative(),
  columns: z.array(column).min(1),
  constraints: z.array(z.strictObject({ name, kind: z.enum(['p', 'u', 'c', 'x', 'f']), definition: z.string() })),
  indexes: z.array(z.string()),
  /** Identity columns: the last number given. */
  sequences: z.array(z.strictObject({ column: name, last: z.int(), called: z.boolean() })),
});

const fileLine = z.strictObject({ file: z.string().min(1), content: z.base64() });

const trailerLine = z.strictObject({
  end: z.literal(true),
  rows: z.int().nonnegative(),
  files: z.int().nonnegative(),
  sha256: z.string(),
});

const rowLine = z.array(z.string().nullable());

export type HeaderLine = z.infer<typeof headerLine>;
export type TableLine = z.infer<typeof tableLine>;
export type FileLine = z.infer<typeof fileLine>;
export type TrailerLine = z.infer<typeof trailerLine>;
export type RowLine = z.infer<typeof rowLine>;

export const LINES = { header: headerLine, table: tableLine, file: fileLine, trailer: trailerLine, row: rowLine };

export interface DumpFile {
  readonly name: string;
  readonly content: Uint8Array;
}

export interface DumpProgress {
  readonly stage: 'tables' | 'files';
  /** Table or file that is being worked on. */
  readonly name: string;
  /** Rows of the table, or files, so far. */
  readonly done: number;
  readonly total: number | null;
}
