import { sql } from 'kysely';
import { isOwnTable } from './dump/own-tables.ts';
import type { Db } from './tables.ts';

/** Rows of earlier states that a table may hold, and as a share of its live ones: PostgreSQL's own autovacuum has the share. */
const SPARED_ROWS = 1000;
const SPARED_SHARE = 0.2;

/**
 * Makes room that deleted and changed rows have left usable again, in the table that has most of it; returns its name,
 * or null when no table needs it. For the embedded database, which has no autovacuum: without this, each change of an
 * item makes its files grow for ever.
 */
export async function reclaimSpace(db: Db): Promise<string | null> {
  // What the last second has changed is not counted yet otherwise.
  await sql`select pg_stat_force_next_flush()`.execute(db);
  const { rows } = await sql<{ name: string; has_graph: boolean }>`
    select c.relname as name, exists (
        select from pg_index x join pg_class i on i.oid = x.indexrelid join pg_am m on m.oid = i.relam
        where x.indrelid = c.oid and m.amname = 'hnsw') as has_graph
    from pg_class c where c.relkind = 'r' and c.relnamespace = current_schema()::regnamespace
      and pg_stat_get_dead_tuples(c.oid) > ${SPARED_ROWS}::integer + ${SPARED_SHARE}::float8 * pg_stat_get_live_tuples(c.oid)
    order by pg_stat_get_dead_tuples(c.oid) desc`.execute(db);
  const wanted = rows.find(({ name }) => isOwnTable(name));
  if (wanted === undefined) return null;
  // Mending an HNSW graph around what is gone takes longer than building it, and nobody else is served meanwhile.
  const options = wanted.has_graph ? sql`(index_cleanup off)` : sql``;
  await sql`vacuum ${options} ${sql.table(wanted.name)}`.execute(db);
  return wanted.name;
}
