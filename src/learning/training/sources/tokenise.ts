import { openTokenizer } from '../../../serving/encoders/tokenizers/text-tokenizer.ts';
import type { ModelSpec } from '../../../serving/models/model-spec.ts';
import type { TokenRows } from '../batches/token-feeds.ts';
import type { SideName } from '../trainables/side-name.ts';

/** Texts as the encoder would read them: prefix of their side, special tokens, cut at `maxTokens`. */
export function tokenise(
  spec: ModelSpec,
  texts: readonly string[],
  side: SideName,
  maxTokens = spec.maxTokens,
): TokenRows {
  const { encode, padId } = openTokenizer(spec.folder, Math.min(maxTokens, spec.maxTokens));
  const prefix = spec.prefixes[side];
  const rows = texts.map((text) => {
    const ids = encode(prefix + text);
    return ids.length === 0 ? [padId] : ids;
  });
  return { rows, padId };
}
