import { type RawBuilder, sql } from 'kysely';
import { StudioError } from '../../foundation/core/errors.ts';
import type { Db } from '../../foundation/database/tables.ts';
import { columnsOf, type ItemColumn } from '../collections/columns.ts';
import { itemTable } from '../collections/item-tables.ts';
import type { Collection, Fields } from '../collections/schema.ts';
import type { ItemCondition } from '../indexes/ports.ts';

export interface FacetRequest {
  readonly column: ItemColumn;
  readonly limit: number;
  readonly ranges: ReadonlyArray<{ readonly from?: number; readonly to?: number }> | null;
  readonly interval: 'day' | 'month' | 'year' | null;
}

export interface FacetResult {
  /** Most frequent first; ranges and intervals in their own order. */
  readonly values: ReadonlyArray<{
    readonly value: string | number | boolean;
    readonly count: number;
    readonly from?: number;
    readonly to?: number;
  }>;
  /** Items without a value. */
  readonly missing: number;
  readonly stats?: { readonly min: number; readonly max: number; readonly mean: number };
}

/** Throws `invalid_query`, `field_not_found`, `field_not_facetable`. */
export function parseFacets(input: readonly unknown[] | undefined, fields: Fields): FacetRequest[] {
  return (input ?? []).map((entry, index) => {
    const path = `facets[${index}]`;
    const given = typeof entry === 'string' ? { field: entry } : (entry as Record<string, unknown>);
    if (typeof given !== 'object' || given === null || typeof given.field !== 'string') {
      throw fault(path, 'Give a field name or {field, limit, ranges, interval}.');
    }
    const unknown = Object.keys(given).find((key) => !['field', 'limit', 'ranges', 'interval'].includes(key));
    if (unknown !== undefined)
      throw fault(
        `${path}.${unknown.slice(0, 60)}`,
        'The key is unknown here; known are field, limit, ranges and interval.',
      );
    const { field: name, limit = 20, ranges, interval } = given;
    const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (field === undefined)
      throw new StudioError('field_not_found', `At ${path}: the collection has no field "${name.slice(0, 100)}".`);
    const column = field.facet === true ? columnsOf(fields).find((candidate) => candidate.field === name) : undefined;
    if (column === undefined || column.type === 'geo') {
      throw new StudioError('field_not_facetable', `At ${path}: the field "${name}" is not declared with facet.`);
    }
    if (!Number.isInteger(limit) || (limit as number) < 1 || (limit as number) > 1000)
      throw fault(`${path}.limit`, 'It must be a whole number from 1 to 1000.');
    if (ranges !== undefined && column.type !== 'number')
      throw fault(`${path}.ranges`, `The field "${name}" is ${column.type}; ranges need a number.`);
    if (interval !== undefined && (column.type !== 'date' || !['day', 'month', 'year'].includes(interval as string))) {
      throw fault(`${path}.interval`, 'It must be "day", "month" or "year", on a date.');
    }
    return {
      column,
      limit: limit as number,
      ranges: ranges === undefined ? null : readRanges(ranges, `${path}.ranges`),
      interval: (interval as FacetRequest['interval'] | undefined) ?? null,
    };
  });
}

function readRanges(input: unknown, path: string): NonNullable<FacetRequest['ranges']> {
  if (!Array.isArray(input) || input.length === 0 || input.length > 100)
    throw fault(path, 'Give a list of 1 to 100 ranges {from, to}.');
  return input.map((entry: unknown, index) => {
    const { from, to, ...rest } = (typeof entry === 'object' && entry !== null ? entry : {}) as Record<string, unknown>;
    const numbers = [from, to].every(
      (edge) => edge === undefined || (typeof edge === 'number' && Number.isFinite(edge)),
    );
    if (!numbers || Object.keys(rest).length > 0 || (from === undefined && to === undefined)) {
      throw fault(`${path}[${index}]`, 'Give {from}, {to} or both, as numbers.');
    }
    return {
      ...(from === undefined ? {} : { from: from as number }),
      ...(to === undefined ? {} : { to: to as number }),
    };
  });
}

const fault = (path: string, sentence: string): StudioError =>
  new StudioError('invalid_query', `At ${path}: ${sentence}`, { details: { path } });

/** Counts over the items that match, or over given items. */
export async function countFacets(
  db: Db,
  collection: Pick<Collection, 'id'>,
  facets: readonly FacetRequest[],
  among: { readonly condition: ItemCondition } | { readonly keys: readonly number[] },
): Promise<Record<string, FacetResult>> {
  const which = 'keys' in among ? sql`i.key = any(${[...among.keys]}::integer[])` : (among.condition ?? sql`true`);
  const source = sql`${itemTable(collection.id)} i where not i.deleted and ${which}`;
  const results = await Promise.all(
    facets.map(async (facet) => [facet.column.field, await countFacet(db, source, facet)] as const),
  );
  return Object.fromEntries(results);
}

async function countFacet(db: Db, source: RawBuilder<unknown>, facet: FacetRequest): Promise<FacetResult> {
  const { column, limit, ranges, interval } = facet;
  const value = sql.ref(`i.${column.name}`);
  const rows = async <Row>(query: RawBuilder<unknown>): Promise<Row[]> =>
    (await (query as RawBuilder<Row>).execute(db)).rows;
  const values = column.multiple
    ? sql`(select i.key, unnest(${value}) as value from ${source}) v`
    : sql`(select i.key, ${value} as value from ${source} and ${value} is not null) v`;
  const [missing] = await rows<{ count: number }>(
    sql`select count(*)::integer as count from ${source} and ${value} is null`,
  );
  const result = { missing: missing?.count ?? 0 };
  if (column.type === 'number') {
    const edges = ranges ?? [];
    const counts = edges.map(
      ({ from, to }) =>
        sql`count(distinct key) filter (where value >= ${from ?? -Infinity}::double precision and value < ${to ?? Infinity}::double precision)::integer`,
    );
    const [row] = await rows<{ min: number | null; max: number; mean: number; counts: number[] }>(sql`
      select min(value) as min, max(value) as max, avg(value) as mean,
        ${counts.length === 0 ? sql`'{}'::integer[]` : sql`array[${sql.join(counts)}]`} as counts from ${values}`);
    const stats =
      row === undefined || row.min === null ? {} : { stats: { min: row.min, max: row.max, mean: row.mean } };
    const label = ({ from, to }: { from?: number; to?: number }): string => `${from ?? '*'}-${to ?? '*'}`;
    return {
      ...result,
      ...stats,
      values: edges.map((edge, index) => ({ value: label(edge), count: row?.counts[index] ?? 0, ...edge })),
    };
  }
  if (interval !== null) {
    const found = await rows<{ value: string; count: number }>(sql`
      select to_char(date_trunc(${interval}, value at time zone 'UTC'), 'YYYY-MM-DD') as value, count(distinct key)::integer as count
      from ${values} group by 1 order by 1 limit ${limit}`);
    return { ...result, values: found };
  }
  const text =
    column.type === 'date' ? sql`to_char(value at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')` : sql`value`;
  const found = await rows<{ value: string | boolean; count: number }>(sql`
    select ${text} as value, count(distinct key)::integer as count from ${values} group by 1 order by 2 desc, 1 limit ${limit}`);
  return { ...result, values: found };
}
