import { type TextPart, trimmedPart } from './part.ts';

export type CountTokens = (text: string) => number;

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

interface Atom {
  readonly start: number;
  readonly end: number;
  readonly tokens: number;
}

/**
 * Parts of at most `maxTokens` tokens as the encoder counts them, broken between words, each beginning with up to
 * `overlapTokens` tokens of the one before. A word above the budget is broken between characters; a single character
 * above the budget stays whole.
 */
export function splitTokens(
  source: string,
  budget: { readonly maxTokens: number; readonly overlapTokens?: number },
  countTokens: CountTokens,
): TextPart[] {
  const { maxTokens, overlapTokens = 0 } = budget;
  if (source.trim() === '') return [];
  const atoms = atomsOf(source, maxTokens, countTokens);
  const parts: TextPart[] = [];
  let first = 0;
  while (first < atoms.length) {
    let last = first;
    let sum = atoms[first]!.tokens;
    // Words counted alone add up to about what they count together; the sum decides where to try.
    while (last + 1 < atoms.length && sum + atoms[last + 1]!.tokens <= maxTokens) {
      last++;
      sum += atoms[last]!.tokens;
    }
    while (last > first && countTokens(source.slice(atoms[first]!.start, atoms[last]!.end).trimEnd()) > maxTokens)
      last--;
    const part = trimmedPart(source, atoms[first]!.start, atoms[last]!.end);
    if (part !== null) parts.push(part);
    if (last + 1 >= atoms.length) break;
    let next = last + 1;
    let overlap = 0;
    // The next part must reach beyond this one, so the overlap leaves room for the word after it.
    const room = Math.min(overlapTokens, maxTokens - atoms[last + 1]!.tokens);
    while (next - 1 > first && overlap + atoms[next - 1]!.tokens <= room) {
      next--;
      overlap += atoms[next]!.tokens;
    }
    // Counted together they may be more: then the overlap is given up rather than the budget.
    if (next <= last && countTokens(source.slice(atoms[next]!.start, atoms[last + 1]!.end).trimEnd()) > maxTokens)
      next = last + 1;
    first = next;
  }
  return parts;
}

/** Words with the blanks after them; those above the budget in pieces. */
function atomsOf(source: string, maxTokens: number, countTokens: CountTokens): Atom[] {
  const counted = new Map<string, number>();
  const count = (text: string): number => {
    let tokens = counted.get(text);
    if (tokens === undefined) {
      tokens = countTokens(text);
      counted.set(text, tokens);
    }
    return tokens;
  };
  const atoms: Atom[] = [];
  for (const match of source.matchAll(/\S+\s*/g)) {
    const tokens = count(match[0]);
    if (tokens <= maxTokens) atoms.push({ start: match.index, end: match.index + match[0].length, tokens });
    else atoms.push(...brokenWord(match[0], match.index, maxTokens, countTokens));
  }
  return atoms;
}

/** Pieces of a long word: as many characters as fit, found by halving, so that a word of 100 kB costs few counts. */
function brokenWord(word: string, offset: number, maxTokens: number, countTokens: CountTokens): Atom[] {
  const ends = [...graphemes.segment(word)].map(({ index, segment }) => index + segment.length);
  const pieces: Atom[] = [];
  let firstCharacter = 0;
  let start = 0;
  let guess = maxTokens * 4;
  while (firstCharacter < ends.length) {
    let size = Math.min(guess, ends.length - firstCharacter);
    let tokens = countTokens(word.slice(start, ends[firstCharacter + size - 1]!));
    while (size > 1 && tokens > maxTokens) {
      size = Math.floor(size / 2);
      tokens = countTokens(word.slice(start, ends[firstCharacter + size - 1]!));
    }
    const end = ends[firstCharacter + size - 1]!;
    pieces.push({ start: offset + start, end: offset + end, tokens });
    start = end;
    firstCharacter += size;
    guess = Math.max(1, size * 2);
  }
  return pieces;
}
