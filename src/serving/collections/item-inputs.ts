import { StudioError } from '../../foundation/core/errors.ts';
import { FieldFault, readFieldValues } from './field-values.ts';
import { readPath, storageFault } from './payload-paths.ts';
import type { Fields, Payload } from './schema.ts';

export const MAX_ID_LENGTH = 256;
/** Pictures are kept as blobs and do not count. */
export const MAX_PAYLOAD_BYTES = 1_000_000;

export interface ParsedItem {
  readonly id: string;
  readonly version: number | null;
  readonly payload: Payload;
}

/** Splits an input into id, version and payload; throws `invalid_item`. */
export function parseItem(input: unknown): ParsedItem {
  if (input === null || typeof input !== 'object' || Array.isArray(input)) refuse('An item must be a JSON object.');
  const { id, version, ...payload } = input as Record<string, unknown>;
  checkItemId(id);
  if (version !== undefined && version !== null && !(Number.isSafeInteger(version) && (version as number) >= 0)) {
    refuse('The version must be a whole number from 0.');
  }
  const fault = storageFault(payload);
  if (fault !== null) refuse(`The item cannot be stored: ${fault}.`);
  return { id: id as string, version: (version as number | null | undefined) ?? null, payload };
}

export function checkItemId(id: unknown): asserts id is string {
  if (typeof id !== 'string') refuse('The id must be a text.');
  if (id.length === 0 || id.length > MAX_ID_LENGTH) refuse(`The id must have 1 to ${MAX_ID_LENGTH} characters.`);
  if (/\p{Cc}/u.test(id) || !id.isWellFormed())
    refuse('The id must not contain control characters or broken surrogate pairs.');
  // Decoders take it for a byte order mark and drop it, and the id would come back as another one.
  if (id.startsWith('\ufeff')) refuse('The id must not begin with U+FEFF, the byte order mark.');
}

/** Checks every declared field of a payload; undeclared ones are stored untouched. */
export function checkFields(fields: Fields, payload: Payload): void {
  for (const [name, field] of Object.entries(fields)) {
    try {
      readFieldValues(field, readPath(payload, name));
    } catch (error) {
      throw error instanceof FieldFault ? asItemError(name, error) : error;
    }
  }
}

export function asItemError(field: string, fault: FieldFault): StudioError {
  return new StudioError('invalid_item', `The field "${field}" ${fault.message}.`, { details: { field } });
}

function refuse(message: string): never {
  throw new StudioError('invalid_item', message);
}
