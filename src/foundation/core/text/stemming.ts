import { algorithms, newStemmer } from 'snowball-stemmers';
import { StudioError } from '../errors.ts';
import { foldWord } from './fold.ts';

const CACHED_TERMS = 50_000;
/** Longer words are noise (keys, hashes), and an entry of a database index has a limit. */
const MAX_TERM_LENGTH = 64;

/** `l'avion` is found as `avion`. */
const ELISION: Readonly<Record<string, RegExp>> = {
  french: /^(?:[cdjlmnst]|qu|jusqu|lorsqu|puisqu|quoiqu)'(?=.)/,
  italian: /^(?:[cdlmstv]|un|gl|(?:a|da|de|ne|su)(?:l|g)l|coll|pell)'(?=.)/,
  catalan: /^[dlmnst]'(?=.)/,
};
const POSSESSIVE = /'s?$/;
/** Accents are foreign to English; its stemmer would take them for letters that it does not know. */
const isEnglish = (language: string): boolean => language === 'english' || language === 'porter';

/** `none` and the languages that Snowball has a stemmer for. */
export const languages = (): string[] => ['none', ...algorithms().map((name) => name.toLowerCase())].sort();

/**
 * Word in lower case → term. Throws `invalid_schema` for an unknown language.
 *
 * Stems first and folds then, because Snowball's rules are written for accented words; English the other way round.
 */
export function termsOf(language: string): (word: string) => string {
  if (!languages().includes(language)) {
    throw new StudioError('invalid_schema', `There is no stemmer for the language "${language}".`, {
      hint: `Known languages: ${languages().join(', ')}.`,
    });
  }
  const stemmer = language === 'none' ? null : newStemmer(language);
  const elision = ELISION[language];

  const toTerm = (word: string): string => {
    if (stemmer === null) return cut(foldWord(word));
    if (isEnglish(language)) return cut(stemmer.stem(foldWord(word).replace(POSSESSIVE, '')));
    return cut(foldWord(stemmer.stem(elision === undefined ? word : word.replace(elision, ''))));
  };
  // Few words make up most of a text: nearly every word is in the cache.
  const cached = new Map<string, string>();
  return (word) => {
    const known = cached.get(word);
    if (known !== undefined) return known;
    // Only the beginning of a huge word can count, and it stays out of the cache.
    if (word.length > MAX_TERM_LENGTH) return toTerm(cut(word));
    const term = toTerm(word);
    if (cached.size >= CACHED_TERMS) cached.clear();
    cached.set(word, term);
    return term;
  };
}

/** Never cuts a surrogate pair in two. */
function cut(word: string): string {
  if (word.length <= MAX_TERM_LENGTH) return word;
  const end = word.codePointAt(MAX_TERM_LENGTH - 1)! > 0xffff ? MAX_TERM_LENGTH - 1 : MAX_TERM_LENGTH;
  return word.slice(0, end);
}
