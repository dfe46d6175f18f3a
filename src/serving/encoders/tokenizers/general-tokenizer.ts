import { Tokenizer } from '@huggingface/tokenizers';
import type { TextTokenizer } from './token-ids.ts';

/** Of a long text so much is tokenised first: hardly any text has longer tokens than this on average. */
const CHARACTERS_PER_TOKEN = 16;

/** Unigram, byte-level BPE and whatever else the general library reads. */
export function openGeneralTokenizer(definition: object, config: object, maxTokens: number): TextTokenizer {
  const tokenizer = new Tokenizer(definition, config);
  const specials = tokenizer.encode('').ids;
  const budget = Math.max(0, maxTokens - specials.length);
  // Special tokens stand before and after the text; where the text goes is seen from a text of few tokens.
  const framed = tokenizer.encode('a').ids;
  let place = 0;
  while (place < specials.length && framed[place] === specials[place]) place++;
  const before = specials.slice(0, place);
  const after = specials.slice(place);
  const idsOf = (text: string): number[] => tokenizer.encode(text, { add_special_tokens: false }).ids;

  /** The first ids of the text: of ever longer beginnings, cut at blanks so that no word is torn, until they suffice. */
  function firstIds(text: string): number[] {
    for (let length = budget * CHARACTERS_PER_TOKEN; length < text.length; length *= 4) {
      const blank = text.indexOf(' ', length);
      if (blank < 0) break;
      const ids = idsOf(text.slice(0, blank));
      if (ids.length >= budget) return ids;
    }
    return idsOf(text);
  }

  return {
    encode: (text) => [...before, ...firstIds(text.toWellFormed()).slice(0, budget), ...after],
    count: (text) => idsOf(text.toWellFormed()).length,
  };
}
