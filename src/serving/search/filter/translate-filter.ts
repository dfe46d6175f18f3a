import { type RawBuilder, sql } from 'kysely';
import { columnsOf, type ItemColumn, SQL_TYPES } from '../../collections/columns.ts';
import type { Fields } from '../../collections/schema.ts';
import type { Bound, FilterNode } from './filter-node.ts';
import { EARTH_RADIUS_METERS } from './geo.ts';

type Condition = RawBuilder<boolean>;

/**
 * A filter as a condition over the item table under the alias `i`. Every value is bound. A field without a value
 * makes SQL say "unknown"; that is made false exactly where it would turn into true: below a negation and a count.
 */
export function translateFilter(node: FilterNode, fields: Fields): Condition {
  const columns = new Map(columnsOf(fields).map((column) => [column.field, column]));
  const column = (field: string): ItemColumn => columns.get(field) as ItemColumn;

  function translate(filter: FilterNode): Condition {
    switch (filter.kind) {
      case 'bool':
        return bool(filter);
      case 'equals':
        return equals(column(filter.field), filter.values, filter.all);
      case 'match':
        return words(column(filter.field), filter.tokens, filter.all);
      case 'phrase':
        return filter.tokens.length === 0
          ? sql<boolean>`false`
          : hasTokens(column(filter.field), filter.tokens.join(' '));
      case 'exists':
        return sql<boolean>`${ref(column(filter.field))} is not null`;
      case 'range':
        return eachValue(column(filter.field), (value) =>
          all(filter.bounds.map((bound) => compare(column(filter.field), value, bound))),
        );
      case 'prefix':
        return eachValue(
          column(filter.field),
          (value) => sql<boolean>`${value} like ${`${escapeLike(filter.prefix)}%`}`,
        );
      case 'wildcard':
        return eachValue(
          column(filter.field),
          (value) => sql<boolean>`${value} like ${wildcardToLike(filter.pattern)}`,
        );
      case 'near':
        return near(column(filter.field), filter);
    }
  }

  function bool(filter: Extract<FilterNode, { kind: 'bool' }>): Condition {
    const conditions = filter.must.map(translate);
    conditions.push(...filter.mustNot.map((clause) => sql<boolean>`not coalesce(${translate(clause)}, false)`));
    const should = filter.should.map(translate);
    if (filter.minimumShould > should.length) conditions.push(sql<boolean>`false`);
    else if (filter.minimumShould === 1) conditions.push(sql<boolean>`(${sql.join(should, sql` or `)})`);
    else if (filter.minimumShould > 1) {
      const counts = should.map((clause) => sql`(case when ${clause} then 1 else 0 end)`);
      conditions.push(sql<boolean>`(${sql.join(counts, sql` + `)}) >= ${filter.minimumShould}::integer`);
    }
    return all(conditions);
  }

  return translate(node);
}

const all = (conditions: readonly Condition[]): Condition =>
  conditions.length === 0 ? sql<boolean>`true` : sql<boolean>`(${sql.join(conditions, sql` and `)})`;

const ref = (column: ItemColumn): RawBuilder<unknown> =>
  sql.ref(`i.${column.name}${column.type === 'geo' ? '_lat' : ''}`);

const typeOf = (column: ItemColumn): RawBuilder<unknown> => sql.raw(SQL_TYPES[column.type as keyof typeof SQL_TYPES]);

function equals(column: ItemColumn, values: readonly unknown[], every: boolean): Condition {
  const list = sql`${[...values]}::${typeOf(column)}[]`;
  if (column.multiple) return every ? sql<boolean>`${ref(column)} @> ${list}` : sql<boolean>`${ref(column)} && ${list}`;
  // A single value can only be all of them when there is one.
  if (every && values.length > 1) return sql<boolean>`false`;
  return sql<boolean>`${ref(column)} = any(${list})`;
}

function words(column: ItemColumn, tokens: readonly string[], every: boolean): Condition {
  if (tokens.length === 0) return sql<boolean>`false`;
  const conditions = tokens.map((token) => hasTokens(column, token));
  return every ? all(conditions) : sql<boolean>`(${sql.join(conditions, sql` or `)})`;
}

/** Tokens are kept between blanks, so that whole words are found and nothing else. */
const hasTokens = (column: ItemColumn, tokens: string): Condition =>
  sql<boolean>`${sql.ref(`i.${column.name}_tokens`)} like ${`% ${escapeLike(tokens)} %`}`;

function eachValue(column: ItemColumn, holds: (value: RawBuilder<unknown>) => Condition): Condition {
  if (!column.multiple) return holds(ref(column));
  return sql<boolean>`exists (select from unnest(${ref(column)}) as value where ${holds(sql.ref('value'))})`;
}

const OPERATORS: Readonly<Record<Bound['operator'], string>> = { gt: '>', gte: '>=', lt: '<', lte: '<=' };

const compare = (column: ItemColumn, value: RawBuilder<unknown>, bound: Bound): Condition =>
  sql<boolean>`${value} ${sql.raw(OPERATORS[bound.operator])} ${bound.value}::${typeOf(column)}`;

function near(
  column: ItemColumn,
  { lat, lon, meters }: { readonly lat: number; readonly lon: number; readonly meters: number },
): Condition {
  const latitude = sql.ref(`i.${column.name}_lat`);
  const longitude = sql.ref(`i.${column.name}_lon`);
  // A band of latitudes first: an index can serve it, and it spares the far away the trigonometry.
  const band = (meters / EARTH_RADIUS_METERS) * (180 / Math.PI) + 1e-9;
  return sql<boolean>`(${latitude} between ${lat - band}::double precision and ${lat + band}::double precision
    and 2 * ${EARTH_RADIUS_METERS}::double precision * asin(least(1, sqrt(
      power(sin(radians(${latitude} - ${lat}::double precision) / 2), 2)
      + cos(radians(${lat}::double precision)) * cos(radians(${latitude}))
      * power(sin(radians(${longitude} - ${lon}::double precision) / 2), 2)
    ))) <= ${meters}::double precision)`;
}

const escapeLike = (text: string): string => text.replace(/[\\%_]/g, '\\$&');

/** `*` is any text, `?` any one character; everything else is itself. */
const wildcardToLike = (pattern: string): string => escapeLike(pattern).replaceAll('*', '%').replaceAll('?', '_');
