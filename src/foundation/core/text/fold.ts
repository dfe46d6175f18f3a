/** Letters that carry a stroke or are ligatures have no decomposition, yet people type them plain. */
const PLAIN: Readonly<Record<string, string>> = {
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  ð: 'd',
  þ: 'th',
  ł: 'l',
  đ: 'd',
  ħ: 'h',
  ŧ: 't',
  ı: 'i',
};
const PLAIN_LETTERS = /[ßæœøðþłđħŧı]/g;
const NOT_OF_A_WORD = /^[.,'’]+|[.,'’]+$|[^\p{L}\p{N}\p{M}.,'’]+/gu;
// Accents of Latin and Greek, Arabic vowel signs and Hebrew points: what people leave out when they type. Marks of
// other scripts are letters of their own right (Devanagari vowels, the voicing of kana, the breve of й).
const ACCENTS = /[\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u064b-\u0652\u0670]+/g;
const CYRILLIC = /\p{Script=Cyrillic}/u;

/** One spelling of characters that look or mean the same (NFKC), in lower case. */
export function normalizeWord(word: string): string {
  return word.normalize('NFKC').toLowerCase().replaceAll('’', "'").replace(NOT_OF_A_WORD, '');
}

/**
 * A normalised word without accents, so that `crème` and `creme` are one.
 *
 * @example foldWord('straße') // 'strasse'
 */
export function foldWord(word: string): string {
  if (CYRILLIC.test(word)) return word.replaceAll('ё', 'е').replaceAll('\u0301', '');
  return word
    .normalize('NFD')
    .replace(ACCENTS, '')
    .normalize('NFC')
    .replace(PLAIN_LETTERS, (letter) => PLAIN[letter] as string);
}
