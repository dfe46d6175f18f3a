/** A piece of a text: `source.slice(start, end)` is its raw text. */
export interface TextPart {
  readonly start: number;
  readonly end: number;
  /** What the encoder reads: the raw text, led by its heading path where the splitter knows one. */
  readonly text: string;
}

/** The part without blanks at its ends; null when nothing is left. */
export function trimmedPart(source: string, start: number, end: number): TextPart | null {
  const raw = source.slice(start, end);
  const text = raw.trim();
  if (text === '') return null;
  const from = start + (raw.length - raw.trimStart().length);
  return { start: from, end: from + text.length, text };
}
