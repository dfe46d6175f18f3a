import { type RawBuilder, sql } from 'kysely';
import type { Db } from '../tables.ts';
import { ownTables } from './catalogue-queries.ts';
import type { RowLine, TableLine } from './format.ts';
import { holdsUserData } from './own-tables.ts';

/** Keeps everybody else out of the product's tables; the first of them that has a row, or null. */
export async function firstFilledTable(db: Db): Promise<string | null> {
  for (const table of await ownTables(db)) {
    await sql`lock table ${sql.table(table)} in access exclusive mode`.execute(db);
    if (!holdsUserData(table)) continue;
    const { rows } = await sql`select from ${sql.table(table)} limit 1`.execute(db);
    if (rows.length > 0) return table;
  }
  return null;
}

export async function dropOwnTables(db: Db): Promise<void> {
  const tables = await ownTables(db);
  if (tables.length > 0) await sql`drop table ${sql.join(tables.map((table) => sql.table(table)))}`.execute(db);
}

/** The bare table: keys and indexes come when its rows are in, which is many times faster. */
export async function createTable(db: Db, { table, unlogged, columns, options }: TableLine): Promise<void> {
  const parts = columns.map(({ name, type, rest }) => sql`${sql.ref(name)} ${sql.raw(`${type} ${rest}`)}`);
  const kind: RawBuilder<unknown> = unlogged ? sql`unlogged table` : sql`table`;
  await sql`create ${kind} ${sql.table(table)} (${sql.join(parts)}) ${sql.raw(options)}`.execute(db);
}

/** One array of texts per column, each cast to the column's type. */
export async function insertRows(db: Db, { table, columns }: TableLine, rows: readonly RowLine[]): Promise<void> {
  const stored = columns.filter((column) => column.stored);
  const names = sql.join(stored.map(({ name }) => sql.ref(name)));
  const arrays = sql.join(stored.map((_, index) => sql`${rows.map((row) => row[index])}::text[]`));
  const aliases = sql.join(stored.map((_, index) => sql.ref(`c${index}`)));
  const values = sql.join(stored.map(({ type }, index) => sql`${sql.ref(`c${index}`)}::${sql.raw(type)}`));
  await sql`insert into ${sql.table(table)} (${names}) overriding system value
    select ${values} from unnest(${arrays}) as source(${aliases})`.execute(db);
}

export async function setSequences(db: Db, { table, sequences }: TableLine): Promise<void> {
  for (const { column, last, called } of sequences) {
    await sql`select setval(pg_get_serial_sequence(quote_ident(${table}), ${column}), ${last}::bigint, ${called})`.execute(
      db,
    );
  }
}

export async function addConstraint(
  db: Db,
  table: string,
  { name, definition }: TableLine['constraints'][number],
): Promise<void> {
  await sql`alter table ${sql.table(table)} add constraint ${sql.ref(name)} ${sql.raw(definition)}`.execute(db);
}

export async function createIndexes(db: Db, { indexes }: TableLine): Promise<void> {
  for (const definition of indexes) await sql.raw(definition).execute(db);
}
