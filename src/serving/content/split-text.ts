import { StudioError } from '../../foundation/core/errors.ts';
import type { Splitter } from '../collections/schema.ts';
import type { TextPart } from './part.ts';
import { splitMarkdown } from './split-markdown.ts';
import { splitSentences } from './split-sentences.ts';
import { splitSeparator } from './split-separator.ts';
import { type CountTokens, splitTokens } from './split-tokens.ts';

/** A text of a million characters has no more parts than an index can carry for one item. */
export const MAX_PARTS = 2000;

/**
 * The parts of a text by a collection's splitter, with their places in it. An empty text has none.
 * Throws `invalid_splitter` when a token budget meets an encoder that cannot count, or a text falls into too many parts.
 */
export function splitText(source: string, splitter: Splitter, countTokens?: CountTokens): TextPart[] {
  const parts = partsOf(source, splitter, countTokens);
  if (parts.length > MAX_PARTS) {
    throw new StudioError(
      'invalid_splitter',
      `The text falls into ${parts.length} parts; at most ${MAX_PARTS} are indexed for one item.`,
      {
        hint: 'Use a splitter that makes longer parts.',
      },
    );
  }
  return parts;
}

function partsOf(source: string, splitter: Splitter, countTokens: CountTokens | undefined): TextPart[] {
  switch (splitter.kind) {
    case 'none':
      return source.trim() === '' ? [] : [{ start: 0, end: source.length, text: source }];
    case 'sentence':
      return splitSentences(source, splitter.maxSentences);
    case 'separator':
      return splitSeparator(source, splitter.separator);
    case 'markdown':
      return splitMarkdown(source);
    case 'tokens':
      if (countTokens === undefined) {
        throw new StudioError('invalid_splitter', 'The model of this collection cannot count tokens.', {
          hint: 'Use another splitter.',
        });
      }
      return splitTokens(source, splitter, countTokens);
  }
}
