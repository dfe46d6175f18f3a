import { BLANK, IDEOGRAPH, NONSPACING_MARK, PUNCTUATION, REMOVED } from './bert-characters.ts';

export interface BertNormalization {
  readonly lowercase: boolean;
  readonly stripAccents: boolean;
  readonly splitIdeographs: boolean;
}

const BLANKLESS = new RegExp(`[^${BLANK}]+`, 'gu');
const removed = new RegExp(`[${REMOVED}]+`, 'gu');
const ideograph = new RegExp(`[${IDEOGRAPH}]`, 'gu');
const marks = new RegExp(`[${NONSPACING_MARK}]+`, 'gu');
const word = new RegExp(`[${PUNCTUATION}]|[^${BLANK}${PUNCTUATION}]+`, 'gu');
const PRINTABLE_ASCII = /^[!-~]+$/;
const ASCII_WORD = /[0-9A-Za-z]+|[!-~]/g;

/**
 * The words of a text as BERT's normaliser and pre-tokeniser make them, one after the other, so that who needs only the
 * first hundred of a long text stops there. Blanks are never joined or moved by normalisation, so each stretch between
 * them is normalised by itself.
 */
export function* bertWords(text: string, rules: BertNormalization): Generator<string, void, void> {
  for (const [stretch] of text.matchAll(BLANKLESS)) {
    if (PRINTABLE_ASCII.test(stretch)) {
      yield* (rules.lowercase ? stretch.toLowerCase() : stretch).match(ASCII_WORD) as string[];
    } else {
      yield* normalized(stretch, rules).match(word) ?? [];
    }
  }
}

function normalized(stretch: string, rules: BertNormalization): string {
  let text = stretch.replace(removed, '');
  if (rules.splitIdeographs) text = text.replace(ideograph, ' $& ');
  if (rules.stripAccents) text = text.normalize('NFD').replace(marks, '');
  // The reference lowers letter by letter; JavaScript alone would give a sigma at the end of a word its final form.
  return rules.lowercase ? text.replaceAll('Σ', 'σ').toLowerCase() : text;
}
