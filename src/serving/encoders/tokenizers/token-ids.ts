export interface TextTokenizer {
  /** Ids with special tokens, at most `maxTokens` of them. */
  encode(text: string): number[];
  /** Number of tokens of the whole text, special tokens excluded. */
  count(text: string): number;
}
