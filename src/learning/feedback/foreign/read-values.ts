import { createHash } from 'node:crypto';
import { canonicalJson, sha256 } from '../../../foundation/core/hash.ts';
import { isId } from '../../../foundation/core/ids.ts';
import type { EventInput } from '../events.ts';
import type { Refusal } from '../refusals.ts';

/** What of a foreign document could not be taken: its place in its list, and why. */
export interface ForeignRefusal {
  readonly index: number;
  readonly code: Refusal;
  readonly message: string;
}

/** Characters of an id. */
export const MAX_ID = 256;

export type JsonObject = Readonly<Record<string, unknown>>;

/** An event as the log takes it, with the place of the document that it was read from. */
export interface ForeignEvent {
  readonly index: number;
  readonly input: EventInput;
}

/** The value as an object; an empty one when it is anything else. */
export const objectOf = (value: unknown): JsonObject =>
  value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as JsonObject) : {};

/** An id or a text that can be stored. Whole numbers are ids in many catalogues; they become text. */
export function textOf(value: unknown, maxLength: number): string | null {
  const text = typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : value;
  if (typeof text !== 'string' || text === '' || text.length > maxLength) return null;
  return text.includes('\u0000') || !text.isWellFormed() ? null : text;
}

export const numberOf = (value: unknown): number | null =>
  typeof value === 'number' && Number.isFinite(value) ? value : null;

/** A moment as milliseconds since 1970 or as ISO 8601, whose offset may lack its colon; null when it is neither. */
export function momentOf(value: unknown): Date | null {
  if (typeof value !== 'number' && typeof value !== 'string') return null;
  if (typeof value === 'string' && !/^\d{4}-\d\d-\d\dT/.test(value)) return null;
  const moment = new Date(typeof value === 'string' ? value.replace(/([+-]\d\d)(\d\d)$/, '$1:$2') : value);
  const year = moment.getUTCFullYear();
  return year >= 1970 && year <= 9999 ? moment : null;
}

/** The same content has the same id, so that whatever is sent again counts once. */
export const eventIdOf = (source: string, content: unknown): string =>
  `${source}-${sha256(canonicalJson(content)).slice(0, 40)}`;

const NAMESPACE = Buffer.from('6ba7b8119dad11d180b400c04fd430c8', 'hex');

/**
 * The id of a search that another system names: a UUID as it is, with or without dashes; of anything else the UUID of
 * version 5 (RFC 9562, section 5.5) of the collection and the name.
 */
export function searchIdOf(collection: string, name: string): string {
  const dashed = withDashes(name);
  if (isId(dashed)) return dashed.toLowerCase();
  const bytes = createHash('sha1').update(NAMESPACE).update(`${collection}/${name}`).digest().subarray(0, 16);
  bytes[6] = ((bytes[6] as number) & 0x0f) | 0x50;
  bytes[8] = ((bytes[8] as number) & 0x3f) | 0x80;
  return withDashes(bytes.toString('hex'));
}

/** A UUID in its usual form; what is none stays as it is. */
export const withDashes = (text: string): string =>
  text.replace(/^([0-9a-f]{8})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{12})$/i, '$1-$2-$3-$4-$5');
