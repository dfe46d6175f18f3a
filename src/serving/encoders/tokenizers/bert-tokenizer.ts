import { z } from 'zod';
import { type BertNormalization, bertWords } from './bert-normalize.ts';
import type { TextTokenizer } from './token-ids.ts';

const addedToken = z.object({
  id: z.number(),
  content: z.string().min(1),
  single_word: z.literal(false).default(false),
  normalized: z.literal(false),
  lstrip: z.boolean().default(false),
  rstrip: z.boolean().default(false),
});
const specialPiece = z.object({ SpecialToken: z.object({ id: z.string() }) });
const textPiece = z.object({ Sequence: z.object({ id: z.literal('A') }) });

/** What `tokenizer.json` of a BERT-like model looks like; any other tokenizer is left to the general library. */
const bertSchema = z.object({
  normalizer: z.object({
    type: z.literal('BertNormalizer'),
    clean_text: z.literal(true),
    handle_chinese_chars: z.boolean(),
    strip_accents: z.boolean().nullable(),
    lowercase: z.boolean(),
  }),
  pre_tokenizer: z.object({ type: z.literal('BertPreTokenizer') }),
  post_processor: z.object({
    type: z.literal('TemplateProcessing'),
    single: z.array(z.union([specialPiece, textPiece])),
    special_tokens: z.record(z.string(), z.object({ ids: z.array(z.number()) })),
  }),
  added_tokens: z.array(addedToken),
  model: z.object({
    type: z.literal('WordPiece'),
    unk_token: z.string(),
    continuing_subword_prefix: z.string().min(1),
    max_input_chars_per_word: z.number(),
    vocab: z.record(z.string(), z.number()),
  }),
});
type Definition = z.infer<typeof bertSchema>;

/** A tokenizer for BERT's WordPiece, or null when the definition is of another kind. */
export function openBertTokenizer(definition: unknown, maxTokens: number): TextTokenizer | null {
  const parsed = bertSchema.safeParse(definition);
  return parsed.success ? new BertTokenizer(parsed.data, maxTokens) : null;
}

/**
 * WordPiece as the reference does it, exactly, and lazily: a text of 100 kB costs as much as its first `maxTokens`
 * tokens. The general library differs from the reference on ideographs beyond U+FFFF, on characters younger than
 * Unicode 8 and on final sigmas.
 */
class BertTokenizer implements TextTokenizer {
  readonly #rules: BertNormalization;
  readonly #starts = new Map<string, number>();
  readonly #continuations = new Map<string, number>();
  #longestPiece = 0;
  readonly #unknown: number;
  readonly #longestWord: number;
  readonly #added: ReadonlyMap<string, number>;
  readonly #addedPattern: RegExp | null;
  readonly #before: readonly number[];
  readonly #after: readonly number[];
  readonly #budget: number;

  constructor({ normalizer, post_processor, added_tokens, model }: Definition, maxTokens: number) {
    this.#rules = {
      lowercase: normalizer.lowercase,
      stripAccents: normalizer.strip_accents ?? normalizer.lowercase,
      splitIdeographs: normalizer.handle_chinese_chars,
    };
    const prefix = model.continuing_subword_prefix;
    for (const [piece, id] of Object.entries(model.vocab)) {
      this.#longestPiece = Math.max(this.#longestPiece, piece.length);
      this.#starts.set(piece, id);
      if (piece.startsWith(prefix)) this.#continuations.set(piece.slice(prefix.length), id);
    }
    this.#unknown = model.vocab[model.unk_token] as number;
    this.#longestWord = model.max_input_chars_per_word;
    this.#added = new Map(added_tokens.map((token) => [token.content, token.id]));
    this.#addedPattern = addedPattern(added_tokens);
    const pieces = post_processor.single;
    const text = pieces.findIndex((piece) => 'Sequence' in piece);
    const ids = (part: typeof pieces): number[] =>
      part.flatMap((piece) =>
        'SpecialToken' in piece ? (post_processor.special_tokens[piece.SpecialToken.id]?.ids ?? []) : [],
      );
    this.#before = ids(pieces.slice(0, text));
    this.#after = ids(pieces.slice(text + 1));
    this.#budget = Math.max(0, maxTokens - this.#before.length - this.#after.length);
  }

  encode(text: string): number[] {
    const ids = [...this.#before];
    this.#append(ids, text, this.#before.length + this.#budget);
    ids.length = Math.min(ids.length, this.#before.length + this.#budget);
    ids.push(...this.#after);
    return ids;
  }

  count(text: string): number {
    const ids: number[] = [];
    this.#append(ids, text, Number.POSITIVE_INFINITY);
    return ids.length;
  }

  /** Appends ids until there are `limit`, or a few more: words are taken whole. */
  #append(ids: number[], text: string, limit: number): void {
    const clean = text.toWellFormed();
    // An added token written in the text is that token: the split keeps them at the odd places.
    const stretches = this.#addedPattern === null ? [clean] : clean.split(this.#addedPattern);
    for (const [place, stretch] of stretches.entries()) {
      if (place % 2 === 1) ids.push(this.#added.get(stretch) ?? this.#added.get(stretch.trim()) ?? this.#unknown);
      else {
        for (const word of bertWords(stretch, this.#rules)) {
          if (ids.length >= limit) return;
          this.#appendWord(ids, word);
        }
      }
    }
  }

  /** The longest piece that fits, again and again; a word with a stretch that no piece covers is unknown as a whole. */
  #appendWord(ids: number[], word: string): void {
    const whole = this.#starts.get(word);
    if (whole !== undefined) {
      ids.push(whole);
      return;
    }
    const before = ids.length;
    if (word.length <= this.#longestWord || countCharacters(word) <= this.#longestWord) {
      let start = 0;
      while (start < word.length) {
        const pieces = start === 0 ? this.#starts : this.#continuations;
        let end = Math.min(word.length, start + this.#longestPiece);
        let id: number | undefined;
        for (; end > start; end--) {
          id = pieces.get(word.slice(start, end));
          if (id !== undefined) break;
        }
        if (id === undefined) break;
        ids.push(id);
        start = end;
      }
      if (start >= word.length) return;
    }
    ids.length = before;
    ids.push(this.#unknown);
  }
}

function countCharacters(word: string): number {
  let count = 0;
  for (const _ of word) count++;
  return count;
}

function addedPattern(tokens: Definition['added_tokens']): RegExp | null {
  if (tokens.length === 0) return null;
  // The longest first, where several begin at the same place.
  const alternatives = [...tokens]
    .sort((left, right) => right.content.length - left.content.length)
    .map(({ content, lstrip, rstrip }) => `${lstrip ? '\\s*' : ''}(?:${escaped(content)})${rstrip ? '\\s*' : ''}`);
  return new RegExp(`(${alternatives.join('|')})`, 'u');
}

const escaped = (content: string): string => content.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
