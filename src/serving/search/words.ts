import type { Field } from '../collections/schema.ts';
import type { QueryPart } from './request.ts';

/** What a part of the query says in words: its text, or its structured fields read as an item would be. */
export function textOf(
  part: QueryPart,
  composeFields: (fields: Readonly<Record<string, unknown>>) => string,
): string | null {
  if (part.text !== undefined) return part.text;
  if (part.fields !== undefined) return composeFields(part.fields);
  return null;
}

/** The words to search by: of all parts that are wanted, not of those that are moved away from. */
export function wordsOf(parts: readonly QueryPart[], textOfPart: (part: QueryPart) => string | null): string {
  return parts
    .filter((part) => (part.weight ?? 1) > 0)
    .map(textOfPart)
    .filter((text) => text !== null)
    .join(' ')
    .trim();
}

/** Fields whose words can be marked in a hit. */
export const isSearchedByWord = (field: Field): boolean =>
  field.lexical !== undefined && field.lexical !== false && field.lexical !== 0;
