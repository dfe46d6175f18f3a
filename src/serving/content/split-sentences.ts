import { type TextPart, trimmedPart } from './part.ts';

// Made once: a segmenter takes milliseconds to build.
const sentences = new Intl.Segmenter('en', { granularity: 'sentence' });

/** Sentences after Unicode Standard Annex 29, `maxSentences` to a part. */
export function splitSentences(source: string, maxSentences = 1): TextPart[] {
  const spans: TextPart[] = [];
  for (const { segment, index } of sentences.segment(source)) {
    const part = trimmedPart(source, index, index + segment.length);
    if (part !== null) spans.push(part);
  }
  const parts: TextPart[] = [];
  for (let first = 0; first < spans.length; first += maxSentences) {
    const last = spans[Math.min(first + maxSentences, spans.length) - 1]!;
    const { start } = spans[first]!;
    parts.push({ start, end: last.end, text: source.slice(start, last.end) });
  }
  return parts;
}
