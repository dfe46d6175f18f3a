import { sql } from 'kysely';
import { columnsOf } from '../../collections/columns.ts';
import { itemTableName, physicalColumns, type Sql } from '../../collections/item-tables.ts';
import type { Collection } from '../../collections/schema.ts';
import { vectorTableName } from './vector-sql.ts';

/** How much a table grows before its statistics are taken again. */
const GROWTH = 1.2;

/**
 * Brings the statistics up to date that the planner estimates from. The embedded database has no autovacuum, and a
 * fresh import outruns the one of a server. Looks at file sizes alone when there is nothing to do.
 */
export async function keepStatistics(
  db: Sql,
  indexId: number,
  collection: Pick<Collection, 'id' | 'fields'>,
): Promise<void> {
  const filtered = columnsOf(collection.fields).flatMap((column) => physicalColumns(column));
  // Without the payload, whose statistics nobody reads and which takes the longest.
  const columns = [
    'key',
    'deleted',
    ...filtered.filter(({ name }) => !name.endsWith('_tokens')).map(({ name }) => name),
  ];
  await analyzeIfGrown(db, itemTableName(collection.id), columns);
  await analyzeIfGrown(db, vectorTableName(indexId), ['key', 'part']);
}

/** Takes the statistics of some columns again once the table has grown by a fifth; else it looks at its size alone. */
export async function analyzeIfGrown(db: Sql, table: string, columns: readonly string[]): Promise<void> {
  const { rows } = await sql<{ analyzed: boolean; pages: number; pages_then: number }>`
    select reltuples >= 0 as analyzed, relpages::float8 as pages_then,
      pg_relation_size(oid)::float8 / current_setting('block_size')::float8 as pages
    from pg_class where oid = to_regclass(${table})`.execute(db);
  const size = rows[0];
  if (size === undefined || (size.analyzed && size.pages <= GROWTH * size.pages_then)) return;
  await sql`analyze ${sql.table(table)} (${sql.join(columns.map((column) => sql.ref(column)))})`.execute(db);
}
