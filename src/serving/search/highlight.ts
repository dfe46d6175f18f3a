import type { Analyzer } from '../../foundation/core/text/analyzer.ts';

export interface Highlight {
  /** A piece of the field's text, unchanged. */
  readonly text: string;
  /** Matched words in it: start and end in UTF-16 units. */
  readonly ranges: ReadonlyArray<readonly [number, number]>;
}

const MAX_FRAGMENT = 200;
/** Longer texts are looked through up to here: marking is for reading, not for finding. */
const MAX_TEXT = 20_000;

/**
 * Marks the words of a text that the query has, by their stems, around the place where they stand closest together.
 * Null when it has none.
 *
 * @example highlight('Blue running shoes', new Set(['shoe']), analyzer) // {text: 'Blue running shoes', ranges: [[13, 18]]}
 */
export function highlight(whole: string, terms: ReadonlySet<string>, analyzer: Analyzer): Highlight | null {
  const text = whole.slice(0, MAX_TEXT);
  const matched = analyzer.tokens(text).filter((token) => terms.has(token.term));
  if (matched.length === 0) return null;
  // The window with most matches: both its ends only ever move on.
  let best = { from: 0, to: 0 };
  for (let from = 0, to = 0; from < matched.length; from++) {
    while (to + 1 < matched.length && (matched[to + 1]?.end ?? 0) - (matched[from]?.start ?? 0) <= MAX_FRAGMENT) to++;
    if (to - from > best.to - best.from) best = { from, to };
    if (to < from + 1) to = from + 1;
  }
  const inside = matched.slice(best.from, best.to + 1);
  const first = inside[0]?.start ?? 0;
  const last = inside.at(-1)?.end ?? 0;
  const margin = Math.max(0, Math.floor((MAX_FRAGMENT - (last - first)) / 2));
  const start = text.length <= MAX_FRAGMENT ? 0 : wordStart(text, Math.max(0, first - margin), first);
  const end = text.length <= MAX_FRAGMENT ? text.length : wordEnd(text, Math.min(text.length, last + margin), last);
  return { text: text.slice(start, end), ranges: inside.map((token) => [token.start - start, token.end - start]) };
}

/** Begin after a blank where there is one before the first match, so that no word is cut. */
function wordStart(text: string, from: number, limit: number): number {
  if (from === 0) return 0;
  const blank = text.indexOf(' ', from);
  return blank >= 0 && blank < limit ? blank + 1 : limit;
}

function wordEnd(text: string, to: number, limit: number): number {
  if (to === text.length) return to;
  const blank = text.lastIndexOf(' ', to);
  return blank > limit ? blank : limit;
}
