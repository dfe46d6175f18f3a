import { queryKeyOf } from '../query-key.ts';

/** A search of a session, as far as its intent goes. */
export interface IntentSearch {
  /** null when the search had no text. */
  readonly query: string | null;
  readonly at: Date;
  /** Whether anything shown was acted upon. */
  readonly acted: boolean;
}

export interface IntentOf {
  /** Searches of one number want the same thing: it was being typed, or said in other words. */
  readonly intent: number;
  /** The next search took its place while somebody was still typing: it was hardly looked at. */
  readonly superseded: boolean;
}

/** Longest pause between two keystrokes of one query. */
const TYPING_MILLISECONDS = 5_000;
/** Longest pause before a query is said in other words. */
const REWORDING_MILLISECONDS = 5 * 60_000;
/** Share of words in common (Jaccard) from which a query rewords the one before. */
const SAME_WORDS = 0.5;

/**
 * Finds the intents of a session. `re`, `red sh`, `red shoes` is one intent with two superseded searches; `red shoes`
 * and then `red running shoes` is one intent of two searches that were both looked at.
 *
 * @param searches of one session, in order of time
 */
export function intentsOf(searches: readonly IntentSearch[]): IntentOf[] {
  let intent = 0;
  return searches.map((search, index) => {
    const previous = searches[index - 1];
    const next = searches[index + 1];
    if (previous !== undefined && !isTyping(previous, search) && !isRewording(previous, search)) intent++;
    return { intent, superseded: next !== undefined && isTyping(search, next) };
  });
}

/** One text grows into the other, or is shortened to it, and nobody stopped to act. */
function isTyping(left: IntentSearch, right: IntentSearch): boolean {
  if (left.query === null || right.query === null || left.acted) return false;
  if (right.at.getTime() - left.at.getTime() > TYPING_MILLISECONDS) return false;
  const [before, after] = [queryKeyOf(left.query), queryKeyOf(right.query)];
  return before !== after && (after.startsWith(before) || before.startsWith(after));
}

function isRewording(left: IntentSearch, right: IntentSearch): boolean {
  if (left.query === null || right.query === null) return false;
  if (right.at.getTime() - left.at.getTime() > REWORDING_MILLISECONDS) return false;
  const words = (text: string): Set<string> => new Set(queryKeyOf(text).split(' '));
  const [before, after] = [words(left.query), words(right.query)];
  return before.intersection(after).size >= SAME_WORDS * before.union(after).size;
}
