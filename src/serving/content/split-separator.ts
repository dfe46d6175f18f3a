import { type TextPart, trimmedPart } from './part.ts';

/** Pieces between occurrences of a separator; the separator itself belongs to none. */
export function splitSeparator(source: string, separator: string): TextPart[] {
  const parts: TextPart[] = [];
  let start = 0;
  while (start <= source.length) {
    const found = source.indexOf(separator, start);
    const end = found < 0 ? source.length : found;
    const part = trimmedPart(source, start, end);
    if (part !== null) parts.push(part);
    if (found < 0) break;
    start = found + separator.length;
  }
  return parts;
}
