import type { ErrorCode } from '../../../foundation/core/error-table.ts';
import { StudioError } from '../../../foundation/core/errors.ts';
import { FieldFault, readFieldValues } from '../../collections/field-values.ts';
import type { Field } from '../../collections/schema.ts';
import type { FilterValue } from './filter-node.ts';

/** A value as the typed column holds it: the first and the last that it means, which differ for a day. */
export interface GivenValue {
  readonly first: FilterValue;
  readonly last: FilterValue;
}

const DAY = /^\d{4}-\d{2}-\d{2}$/;

export function readValue(field: Field, name: string, value: unknown, path: string): GivenValue {
  if (value === null || value === undefined) {
    throw refusal(path, 'A filter value cannot be null.', 'invalid_filter', {
      hint: `For items without a value use {"bool": {"must_not": [{"exists": {"field": "${name}"}}]}}.`,
    });
  }
  const read = readFault(path, () => readFieldValues({ ...field, multiple: false }, value)[0]);
  const plain = Array.isArray(read) ? read.join(' > ') : (read as FilterValue);
  if (typeof plain === 'string') checkText(plain, path);
  const isDay = field.type === 'date' && typeof value === 'string' && DAY.test(value);
  // Stored dates have milliseconds.
  return { first: plain, last: isDay ? (plain as string).replace('T00:00:00.000Z', 'T23:59:59.999Z') : plain };
}

export function readText(value: unknown, path: string): string {
  if (typeof value !== 'string') throw refusal(path, 'Give a text.');
  if (value.length > 4000) throw refusal(path, 'The text is longer than 4,000 characters.');
  checkText(value, path);
  return value;
}

function checkText(text: string, path: string): void {
  if (text.includes('\u0000') || !text.isWellFormed()) {
    throw refusal(path, 'The text has a NUL character or half a surrogate pair, which no stored text has.');
  }
}

export function readFault<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof FieldFault) throw refusal(path, `The value ${error.message}.`);
    throw error;
  }
}

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export function onlyEntry(input: unknown, path: string, wanted: string): [string, unknown] {
  const entries = isObject(input) ? Object.entries(input) : [];
  if (entries.length !== 1) throw refusal(path, `Here must be an object with ${wanted}.`);
  return entries[0] as [string, unknown];
}

export function onlyKeys(input: unknown, known: readonly string[], path: string): Record<string, unknown> {
  if (!isObject(input)) throw refusal(path, `Here must be an object with ${known.join(', ')}.`);
  const unknown = Object.keys(input).find((key) => !known.includes(key));
  if (unknown !== undefined)
    throw refusal(`${path}.${unknown.slice(0, 60)}`, `The key is unknown here; known are ${known.join(', ')}.`);
  return input;
}

export function refusal(
  path: string,
  sentence: string,
  code: ErrorCode = 'invalid_filter',
  options: { hint?: string } = {},
): StudioError {
  return new StudioError(code, `At ${path.slice(0, 300)}: ${sentence}`, {
    ...options,
    details: { path: path.slice(0, 300) },
  });
}
