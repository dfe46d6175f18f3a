import type { Analyzer } from '../../foundation/core/text/analyzer.ts';
import type { ItemColumn } from './columns.ts';
import { physicalColumns } from './item-tables.ts';
import type { Field, Fields, FieldType } from './schema.ts';

/** A value that a field cannot take; the message completes "The field X ...". */
export class FieldFault extends Error {}

/** A btree entry holds at most 2,704 bytes; whoever filters by longer values wants text. */
export const MAX_KEYWORD_BYTES = 1000;
export const MAX_CATEGORY_LEVELS = 16;
const MAX_VECTOR_LENGTH = 16_000;
const MAX_LIST_LENGTH = 1000;

const CATEGORY_SEPARATOR = ' > ';

/** One value of each type, read from JSON; throws FieldFault. */
const READERS: Readonly<Record<FieldType, (value: unknown) => unknown>> = {
  text: readText,
  keyword: readText,
  number(value) {
    if (typeof value !== 'number' || !Number.isFinite(value))
      throw new FieldFault(`must be a number, not ${shown(value)}`);
    return value;
  },
  boolean(value) {
    if (typeof value !== 'boolean') throw new FieldFault(`must be true or false, not ${shown(value)}`);
    return value;
  },
  date: (value) => parseDate(value).toISOString(),
  category: readCategory,
  geo(value) {
    const point = value as { lat?: unknown; lon?: unknown } | null;
    if (
      typeof value !== 'object' ||
      value === null ||
      Object.keys(value).some((key) => key !== 'lat' && key !== 'lon')
    ) {
      throw new FieldFault(`must be {lat, lon} in degrees, not ${shown(value)}`);
    }
    const { lat, lon } = point as { lat?: unknown; lon?: unknown };
    if (typeof lat !== 'number' || !(Math.abs(lat) <= 90))
      throw new FieldFault(`needs lat between -90 and 90, not ${shown(lat)}`);
    if (typeof lon !== 'number' || !(Math.abs(lon) <= 180))
      throw new FieldFault(`needs lon between -180 and 180, not ${shown(lon)}`);
    return { lat, lon };
  },
  image: readText,
  vector(value) {
    if (!Array.isArray(value) || value.length === 0 || value.length > MAX_VECTOR_LENGTH) {
      throw new FieldFault(`must be a list of 1 to ${MAX_VECTOR_LENGTH} numbers`);
    }
    if (!value.every((inner) => typeof inner === 'number' && Number.isFinite(inner)))
      throw new FieldFault('must hold numbers alone');
    return value;
  },
};

/**
 * All values of a field: none when the payload lacks it, one, or several when it is declared `multiple`.
 * A `multiple` field takes a single value as a list of one.
 */
export function readFieldValues(field: Field, value: unknown): unknown[] {
  if (value === undefined || value === null) return [];
  if (field.multiple !== true) return [READERS[field.type](value)];
  const list = Array.isArray(value) ? value : [value];
  if (list.length > MAX_LIST_LENGTH)
    throw new FieldFault(`holds ${list.length} values; at most ${MAX_LIST_LENGTH} are allowed`);
  return list.map((inner) => READERS[field.type](inner));
}

/**
 * Values of the typed columns of one item, by physical column name, ready for JSON; absent ones are null.
 * The analyzer gives the index tokens of a text.
 */
export function columnValues(
  columns: readonly ItemColumn[],
  fields: Fields,
  read: (field: string) => unknown,
  analyzer: Analyzer,
): Record<string, unknown> {
  const row: Record<string, unknown> = {};
  for (const column of columns) {
    for (const { name } of physicalColumns(column)) row[name] = null;
    const values = readFieldValues(fields[column.field]!, read(column.field));
    if (values.length === 0) continue;
    if (column.type === 'geo') {
      const { lat, lon } = values[0] as { lat: number; lon: number };
      row[`${column.name}_lat`] = lat;
      row[`${column.name}_lon`] = lon;
    } else if (column.type === 'category') {
      row[column.name] = [...new Set((values as string[][]).flatMap(withAncestors))];
    } else {
      row[column.name] = column.multiple ? values : values[0];
      // A bar between values: it is no token, so a phrase never reaches from one value into the next.
      if (column.type === 'text')
        row[`${column.name}_tokens`] =
          ` ${(values as string[]).map((text) => analyzer.analyze(text).join(' ')).join(' | ')} `;
    }
    if (column.type === 'keyword' || column.type === 'category') checkKeywordLength(column, row[column.name]);
  }
  return row;
}

function checkKeywordLength(column: ItemColumn, value: unknown): void {
  for (const text of Array.isArray(value) ? (value as string[]) : [value as string]) {
    // Three bytes a UTF-16 unit is the most that UTF-8 takes: short texts need no count.
    if (text.length * 3 > MAX_KEYWORD_BYTES && Buffer.byteLength(text) > MAX_KEYWORD_BYTES) {
      throw new FieldFault(
        `is longer than ${MAX_KEYWORD_BYTES} bytes; declare it as text instead of ${column.type}, or shorten it`,
      );
    }
  }
}

function readText(value: unknown): string {
  if (typeof value !== 'string') throw new FieldFault(`must be a text, not ${shown(value)}`);
  return value;
}

/** The levels of a category path, given as 'a > b > c' or ['a', 'b', 'c']. */
function readCategory(value: unknown): string[] {
  const text = Array.isArray(value) && value.every((level) => typeof level === 'string') ? value.join('>') : value;
  if (typeof text !== 'string')
    throw new FieldFault(`must be a path such as "a > b" or ["a", "b"], not ${shown(value)}`);
  const levels = text.split('>').map((level) => level.trim());
  if (levels.some((level) => level === '')) throw new FieldFault('has an empty level in its path');
  if (levels.length > MAX_CATEGORY_LEVELS)
    throw new FieldFault(`has ${levels.length} levels; at most ${MAX_CATEGORY_LEVELS} are allowed`);
  return levels;
}

/** `a`, `a > b`, `a > b > c`. */
const withAncestors = (levels: readonly string[]): string[] =>
  levels.map((_, index) => levels.slice(0, index + 1).join(CATEGORY_SEPARATOR));

const DATE = /^(\d{4})-(\d{2})-(\d{2})([Tt ](\d{2}):(\d{2})(:(\d{2})(\.\d{1,9})?)?([Zz]|[+-]\d{2}:?\d{2})?)?$/;

/** An ISO 8601 date or date and time; without a zone it is UTC, so that the machine's own zone never changes data. */
export function parseDate(value: unknown): Date {
  const fault = (): FieldFault =>
    new FieldFault(`must be an ISO 8601 date such as "2026-01-31" or "2026-01-31T12:00:00Z", not ${shown(value)}`);
  const match = typeof value === 'string' ? DATE.exec(value) : null;
  if (match === null) throw fault();
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])];
  const midnight = new Date(Date.UTC(2000, month - 1, day));
  midnight.setUTCFullYear(year, month - 1, day);
  // JavaScript moves the 30th of February to March.
  if (year === 0 || midnight.getUTCMonth() !== month - 1 || midnight.getUTCDate() !== day) throw fault();
  if (match[4] === undefined) return midnight;
  const zone = (match[10] ?? 'Z').toUpperCase().replace(/^([+-]\d{2})(\d{2})$/, '$1:$2');
  const date = new Date(
    `${match[1]}-${match[2]}-${match[3]}T${match[5]}:${match[6]}:${match[8] ?? '00'}${match[9]?.slice(0, 4) ?? ''}${zone}`,
  );
  if (Number.isNaN(date.getTime()) || date.getUTCFullYear() < 1) throw fault();
  return date;
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}
