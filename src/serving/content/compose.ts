import { canonicalJson, sha256 } from '../../foundation/core/hash.ts';
import { blobHashOf } from '../blobs/data-uris.ts';
import { readPath } from '../collections/payload-paths.ts';
import type { Field, Fields, Payload } from '../collections/schema.ts';

export interface LexicalText {
  readonly field: string;
  readonly weight: number;
  readonly text: string;
}

/** What the indexes read of an item. */
export interface ItemContent {
  /** The text that a text encoder reads: embedded fields in schema order, one sentence each. Empty when there is none. */
  readonly text: string;
  /** Hashes of the pictures that an image encoder reads, in schema order. */
  readonly images: readonly string[];
  readonly lexical: readonly LexicalText[];
  /** Equal hashes: nothing to embed again. */
  readonly embedHash: string;
  readonly lexicalHash: string;
}

/**
 * A structured item as content. Text, keywords and categories speak for themselves; numbers, booleans and dates are
 * led by their field's name, because a bare 12.5 means nothing to an encoder.
 *
 * @example composeItem(fields, { name: 'arrow left', category: 'Arrows' }).text // 'arrow left. Arrows'
 */
export function composeItem(fields: Fields, payload: Payload): ItemContent {
  const sentences: string[] = [];
  const images: string[] = [];
  const lexical: LexicalText[] = [];
  for (const [name, field] of Object.entries(fields)) {
    if (field.embed !== true && field.lexical === undefined) continue;
    const value = readPath(payload, name);
    if (field.type === 'image') {
      images.push(...(Array.isArray(value) ? value : [value]).flatMap((inner) => blobHashOf(inner) ?? []));
      continue;
    }
    const text = readableText(value, field);
    if (text === '') continue;
    if (field.embed === true) sentences.push(isLabelled(field) ? `${labelOf(name)}: ${text}` : text);
    if (field.lexical) lexical.push({ field: name, weight: field.lexical === true ? 1 : field.lexical, text });
  }
  const text = joinSentences(sentences);
  return {
    text,
    images,
    lexical,
    embedHash: sha256(canonicalJson([text, images])),
    lexicalHash: sha256(canonicalJson(lexical.map((entry) => [entry.field, entry.weight, entry.text]))),
  };
}

const isLabelled = (field: Field): boolean =>
  field.type === 'number' || field.type === 'boolean' || field.type === 'date';

/** `specs.screen_size` reads as "screen size". */
const labelOf = (name: string): string =>
  name
    .slice(name.lastIndexOf('.') + 1)
    .replaceAll(/[_-]+/g, ' ')
    .trim();

function readableText(value: unknown, field: Field): string {
  if (field.type === 'category') {
    // ['a', 'b'] is one path, or several when the field holds a list of paths.
    const paths = field.multiple === true && Array.isArray(value) ? value : [value];
    return paths
      .map((path) => (Array.isArray(path) ? path.map(readable).join(' > ') : readable(path)))
      .filter((path) => path !== '')
      .join(', ');
  }
  return readable(value);
}

/** Any JSON value as text that a person could read. */
export function readable(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'string') return value.trim();
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (Array.isArray(value)) return value.map(readable).filter(Boolean).join(', ');
  if (typeof value === 'object') {
    return Object.entries(value)
      .map(([key, inner]) => [labelOf(key), readable(inner)] as const)
      .filter(([, text]) => text !== '')
      .map(([label, text]) => `${label}: ${text}`)
      .join(', ');
  }
  return String(value);
}

const ENDS_SENTENCE = /[.!?…。！？:;]["'”’)\]]?$/u;

/** `name. category` on one line; a text of several lines stands by itself, so that its headings stay at the start of a line. */
function joinSentences(sentences: readonly string[]): string {
  return sentences.reduce((joined, text, index) => {
    if (index === 0) return text;
    if (text.includes('\n') || sentences[index - 1]!.includes('\n')) return `${joined}\n\n${text}`;
    return `${joined}${ENDS_SENTENCE.test(joined) ? '' : '.'} ${text}`;
  }, '');
}
