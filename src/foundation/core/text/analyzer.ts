import { normalizeWord } from './fold.ts';
import { termsOf } from './stemming.ts';

export { languages } from './stemming.ts';

/** A word as it is compared, and where it stands in the text (UTF-16 units). */
export interface Token {
  readonly term: string;
  readonly start: number;
  readonly end: number;
}

/** Turns a text into the terms by which it is found. Terms hold no blanks. */
export interface Analyzer {
  /** Terms to look for, in the order of the text. */
  analyze(text: string): string[];
  tokens(text: string): Token[];
  /** Terms under which a text is stored: besides those of `analyze`, each single character of unspaced scripts. */
  indexTerms(text: string): string[];
}

// A word: letters, marks and digits; a full stop or comma between digits and an apostrophe between letters belong to
// it (Unicode Standard Annex 29, without its joining of letters by full stops).
const WORD =
  /[\p{L}\p{N}][\p{L}\p{N}\p{M}]*(?:(?:(?<=\p{N})[.,](?=\p{N})|(?<=[\p{L}\p{M}])['’](?=\p{L}))[\p{L}\p{N}\p{M}]+)*/gu;
const ASCII_WORD = /[a-z0-9]+(?:(?:(?<=[0-9])[.,](?=[0-9])|(?<=[a-z])'(?=[a-z]))[a-z0-9]+)*/g;
const ASCII = /^[\0-\x7f]*$/;
// Scripts that put no blanks between words (and Korean, whose blanks leave particles on) are cut into overlapping
// pairs of characters: no dictionary, so that no update of one separates an index from its queries.
const UNSPACED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;
const RUN = new RegExp(`(?:${UNSPACED.source}\\p{M}*)+|(?:(?!${UNSPACED.source})[\\s\\S])+`, 'gu');
const CHARACTER = /\P{M}\p{M}*/gu;
const FIRST_UNSPACED = '\u0e00';

type Push = (term: string, start: number, end: number) => void;

const opened = new Map<string, Analyzer>();

/**
 * Words by Unicode, stemmed with Snowball (`english` is Porter 2001, `porter` Porter 1980) and without accents; `none`
 * leaves words unstemmed. Throws `invalid_schema` for an unknown language.
 *
 * @example createAnalyzer('english').analyze('Running Shoes, crème') // ['run', 'shoe', 'creme']
 */
export function createAnalyzer(language: string): Analyzer {
  const known = opened.get(language);
  if (known !== undefined) return known;
  const analyzer = analyzerOf(termsOf(language));
  opened.set(language, analyzer);
  return analyzer;
}

function analyzerOf(toTerm: (word: string) => string): Analyzer {
  function eachTerm(text: string, hasCharacters: boolean, push: Push): void {
    const isAscii = ASCII.test(text);
    const words = isAscii ? ASCII_WORD : WORD;
    const searched = isAscii ? text.toLowerCase() : text;
    words.lastIndex = 0;
    for (let match = words.exec(searched); match !== null; match = words.exec(searched)) {
      const [word] = match;
      const start = match.index;
      if (isAscii) pushTerm(toTerm(word), start, start + word.length, push);
      else eachRun(word, start, hasCharacters, push);
    }
  }

  function eachRun(word: string, start: number, hasCharacters: boolean, push: Push): void {
    if (!mayBeUnspaced(word) || !UNSPACED.test(word)) {
      pushTerm(toTerm(normalizeWord(word)), start, start + word.length, push);
      return;
    }
    for (const { 0: run, index } of word.matchAll(RUN)) {
      if (UNSPACED.test(run)) pushPairs(run, start + index, hasCharacters, push);
      else pushTerm(toTerm(normalizeWord(run)), start + index, start + index + run.length, push);
    }
  }

  const analyze = (text: string, hasCharacters: boolean): string[] => {
    const terms: string[] = [];
    eachTerm(text, hasCharacters, (term) => terms.push(term));
    return terms;
  };
  return {
    analyze: (text) => analyze(text, false),
    indexTerms: (text) => analyze(text, true),
    tokens(text) {
      const found: Token[] = [];
      eachTerm(text, false, (term, start, end) => found.push({ term, start, end }));
      return found;
    },
  };
}

/** The property classes of scripts are slow to test; most words are below all of them. */
function mayBeUnspaced(word: string): boolean {
  for (let at = 0; at < word.length; at++) if (word[at]! >= FIRST_UNSPACED) return true;
  return false;
}

function pushTerm(term: string, start: number, end: number, push: Push): void {
  if (term !== '') push(term, start, end);
}

function pushPairs(run: string, start: number, hasCharacters: boolean, push: Push): void {
  const characters = [...run.matchAll(CHARACTER)].map(({ 0: text, index }) => ({ text, index }));
  if (characters.length === 1 || hasCharacters) {
    for (const { text, index } of characters) {
      pushTerm(normalizeWord(text), start + index, start + index + text.length, push);
    }
  }
  for (let at = 0; at + 1 < characters.length; at++) {
    const [left, right] = [characters[at]!, characters[at + 1]!];
    pushTerm(normalizeWord(left.text + right.text), start + left.index, start + right.index + right.text.length, push);
  }
}
