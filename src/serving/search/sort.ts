import { type RawBuilder, sql } from 'kysely';
import { StudioError } from '../../foundation/core/errors.ts';
import { columnsOf, SQL_TYPES } from '../collections/columns.ts';
import type { Fields } from '../collections/schema.ts';
import { EARTH_RADIUS_METERS } from './filter/geo.ts';

/** One key of a sort order; `missing` says where items without a value go. */
export interface SortKey {
  readonly expression: RawBuilder<unknown>;
  /** SQL type of the value, to bind a cursor's value with. */
  readonly type: string;
  readonly descending: boolean;
  readonly missingFirst: boolean;
}

const SCORE = '_score';

/**
 * Reads `sort`: `'price'`, `{field: 'price', order: 'desc', missing: 'first'}`, `{field: '_score'}`,
 * `{geo: {field, lat, lon}}`. Throws `invalid_query`, `field_not_found`, `field_not_sortable`.
 */
export function parseSort(input: readonly unknown[] | undefined, fields: Fields, scored: boolean): SortKey[] {
  return (input ?? []).map((entry, index) => {
    const path = `sort[${index}]`;
    const given = typeof entry === 'string' ? { field: entry } : (entry as Record<string, unknown>);
    if (typeof given !== 'object' || given === null || Array.isArray(given))
      throw fault(path, 'Give a field name or {field, order, missing}.');
    const unknown = Object.keys(given).find((key) => !['field', 'geo', 'order', 'missing'].includes(key));
    if (unknown !== undefined)
      throw fault(
        `${path}.${unknown.slice(0, 60)}`,
        'The key is unknown here; known are field, geo, order and missing.',
      );
    const order = given.order ?? (given.field === SCORE ? 'desc' : 'asc');
    if (order !== 'asc' && order !== 'desc') throw fault(`${path}.order`, 'It must be "asc" or "desc".');
    const missing = given.missing ?? 'last';
    if (missing !== 'first' && missing !== 'last') throw fault(`${path}.missing`, 'It must be "first" or "last".');
    const common = { descending: order === 'desc', missingFirst: missing === 'first' };
    if (given.geo !== undefined) return { ...geoKey(given.geo, fields, `${path}.geo`), ...common };
    if (typeof given.field !== 'string') throw fault(path, 'Give a field name or {field, order, missing}.');
    if (given.field === SCORE) {
      if (!scored) throw fault(path, 'There is no score without a query.');
      return { expression: sql`p.score`, type: 'double precision', ...common };
    }
    return { ...fieldKey(given.field, fields, path), ...common };
  });
}

function fieldKey(name: string, fields: Fields, path: string): Pick<SortKey, 'expression' | 'type'> {
  const column = sortable(name, fields, path);
  if (column.multiple || column.type === 'geo') {
    throw new StudioError('field_not_sortable', `At ${path}: the field "${name}" has no single order.`, {
      hint: 'Sort by a field with one value.',
    });
  }
  const type = SQL_TYPES[column.type as keyof typeof SQL_TYPES];
  const value = sql.ref(`i.${column.name}`);
  // One order of texts on every database, whatever its locale.
  return { expression: type === 'text' ? sql`${value} collate "C"` : value, type };
}

function geoKey(input: unknown, fields: Fields, path: string): Pick<SortKey, 'expression' | 'type'> {
  const { field, lat, lon } = (typeof input === 'object' && input !== null ? input : {}) as Record<string, unknown>;
  if (typeof field !== 'string' || typeof lat !== 'number' || typeof lon !== 'number')
    throw fault(path, 'Give {field, lat, lon}.');
  const column = sortable(field, fields, path);
  if (column.type !== 'geo') throw fault(path, `The field "${field}" is ${column.type}; a geo field is needed.`);
  const latitude = sql.ref(`i.${column.name}_lat`);
  const longitude = sql.ref(`i.${column.name}_lon`);
  const expression = sql`(2 * ${EARTH_RADIUS_METERS}::double precision * asin(least(1, sqrt(
    power(sin(radians(${latitude} - ${lat}::double precision) / 2), 2) + cos(radians(${lat}::double precision))
    * cos(radians(${latitude})) * power(sin(radians(${longitude} - ${lon}::double precision) / 2), 2)))))`;
  return { expression, type: 'double precision' };
}

function sortable(name: string, fields: Fields, path: string) {
  const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
  if (field === undefined)
    throw new StudioError('field_not_found', `At ${path}: the collection has no field "${name.slice(0, 100)}".`);
  const column = field.sort === true ? columnsOf(fields).find((candidate) => candidate.field === name) : undefined;
  if (column === undefined)
    throw new StudioError('field_not_sortable', `At ${path}: the field "${name}" is not declared with sort.`);
  return column;
}

const fault = (path: string, sentence: string): StudioError =>
  new StudioError('invalid_query', `At ${path}: ${sentence}`, { details: { path } });

/** What the rows are ordered by, each ascending or descending; the item's key breaks ties. */
interface Ordered {
  readonly expression: RawBuilder<unknown>;
  readonly type: string;
  readonly descending: boolean;
}

const ordered = (keys: readonly SortKey[]): Ordered[] => [
  ...keys.flatMap(({ expression, type, descending, missingFirst }): Ordered[] => [
    { expression: sql`(${expression} is null)`, type: 'boolean', descending: missingFirst },
    { expression, type, descending },
  ]),
  { expression: sql`i.key`, type: 'integer', descending: false },
];

export const orderBy = (keys: readonly SortKey[]): RawBuilder<unknown> =>
  sql.join(
    ordered(keys).map(({ expression, descending }) => sql`${expression} ${sql.raw(descending ? 'desc' : 'asc')}`),
  );

/** The row's place in the order, as a cursor keeps it. */
export const placeOf = (keys: readonly SortKey[]): RawBuilder<unknown> =>
  sql`jsonb_build_array(${sql.join(ordered(keys).map(({ expression }) => expression))})`;

/** Rows behind a place: the lexicographic comparison, written out because directions differ from key to key. */
export function behind(keys: readonly SortKey[], place: readonly unknown[]): RawBuilder<boolean> {
  const terms = ordered(keys);
  const bound = (index: number): RawBuilder<unknown> => {
    const value = place[index];
    return sql`${value === null || value === undefined ? null : String(value)}::text::${sql.raw((terms[index] as Ordered).type)}`;
  };
  const alternatives = terms.map((term, index) => {
    const equal = terms
      .slice(0, index)
      .map((other, before) => sql`${other.expression} is not distinct from ${bound(before)}`);
    const beyond = sql`${term.expression} ${sql.raw(term.descending ? '<' : '>')} ${bound(index)}`;
    return sql`(${sql.join([...equal, beyond], sql` and `)})`;
  });
  return sql<boolean>`(${sql.join(alternatives, sql` or `)})`;
}
