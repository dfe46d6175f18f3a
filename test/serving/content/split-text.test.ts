import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Splitter } from '../../../src/serving/collections/schema.ts';
import type { TextPart } from '../../../src/serving/content/part.ts';
import { splitText } from '../../../src/serving/content/split-text.ts';

/** Counts as WordPiece would on average: a token for every four characters of a word. */
const countTokens = (text: string): number =>
  (text.match(/\S+/g) ?? []).reduce((sum, word) => sum + Math.ceil([...word].length / 4), 0);

const prose = fc
  .array(
    fc.oneof(
      fc.lorem({ maxCount: 3 }),
      fc.string({ unit: 'grapheme', maxLength: 40 }),
      fc.constantFrom('\n\n', '. ', '## Head\n', '```\n', '|', '\t'),
    ),
  )
  .map((pieces) => pieces.join(' '));

/** What is not blank and lies in no part. */
function uncovered(source: string, parts: readonly TextPart[]): string {
  const covered = new Array<boolean>(source.length).fill(false);
  for (const { start, end } of parts) covered.fill(true, start, end);
  return [...source].length === 0
    ? ''
    : source
        .split('')
        .filter((character, at) => !covered[at] && character.trim() !== '')
        .join('');
}

const splitters: Splitter[] = [
  { kind: 'none' },
  { kind: 'sentence' },
  { kind: 'sentence', maxSentences: 3 },
  { kind: 'tokens', maxTokens: 8 },
  { kind: 'tokens', maxTokens: 20, overlapTokens: 10 },
];

describe('every splitter', () => {
  it.each(splitters)('covers all of a text with parts that lie where they say: %o', (splitter) => {
    fc.assert(
      fc.property(prose, (source) => {
        const parts = splitText(source, splitter, countTokens);
        for (const part of parts) expect(source.slice(part.start, part.end)).toBe(part.text);
        expect(uncovered(source, parts)).toBe('');
        for (let i = 1; i < parts.length; i++) expect(parts[i]!.end).toBeGreaterThan(parts[i - 1]!.end);
      }),
    );
  });

  it('makes no part of an empty or blank text', () => {
    for (const splitter of [
      ...splitters,
      { kind: 'markdown' } as const,
      { kind: 'separator', separator: '|' } as const,
    ]) {
      expect(splitText('', splitter, countTokens)).toEqual([]);
      expect(splitText(' \n\t ', splitter, countTokens)).toEqual([]);
    }
  });
});

describe('the token budget', () => {
  it('is never exceeded, whatever the text', () => {
    fc.assert(
      fc.property(
        prose,
        fc.integer({ min: 8, max: 40 }),
        fc.double({ min: 0, max: 0.5, noNaN: true }),
        (source, maxTokens, share) => {
          const splitter: Splitter = { kind: 'tokens', maxTokens, overlapTokens: Math.floor(maxTokens * share) };
          for (const part of splitText(source, splitter, countTokens))
            expect(countTokens(part.text)).toBeLessThanOrEqual(maxTokens);
        },
      ),
    );
  });

  it('breaks a word of a hundred thousand letters without counting it letter by letter', () => {
    let counted = 0;
    const parts = splitText('x'.repeat(100_000), { kind: 'tokens', maxTokens: 100 }, (text) => {
      counted += text.length;
      return countTokens(text);
    });
    expect(parts.map((part) => part.text).join('')).toBe('x'.repeat(100_000));
    expect(parts.every((part) => part.text.length <= 400)).toBe(true);
    expect(counted).toBeLessThan(2_000_000);
  });

  it('repeats the end of a part at the start of the next', () => {
    const words = Array.from({ length: 40 }, (_, index) => `w${index}`);
    const parts = splitText(words.join(' '), { kind: 'tokens', maxTokens: 10, overlapTokens: 3 }, countTokens);
    expect(parts[0]!.text).toBe('w0 w1 w2 w3 w4 w5 w6 w7 w8 w9');
    expect(parts[1]!.text).toBe('w7 w8 w9 w10 w11 w12 w13 w14 w15 w16');
  });

  it('ends even where every character is above the budget', () => {
    const parts = splitText('abc def', { kind: 'tokens', maxTokens: 8 }, (text) => text.length * 100);
    expect(parts.map((part) => part.text)).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
  });

  it('says what to do when the encoder cannot count', () => {
    expect(() => splitText('a', { kind: 'tokens', maxTokens: 8 })).toThrow('cannot count tokens');
  });
});

describe('splitting by sentence', () => {
  it('knows the full stops of several scripts', () => {
    const texts = splitText('One. Two! これは文です。次の文です。', { kind: 'sentence' }).map((part) => part.text);
    expect(texts).toEqual(['One.', 'Two!', 'これは文です。', '次の文です。']);
  });
});

describe('splitting by a separator', () => {
  it('leaves out the separator and empty pieces', () => {
    expect(splitText('a || b||||c||', { kind: 'separator', separator: '||' }).map((part) => part.text)).toEqual([
      'a',
      'b',
      'c',
    ]);
  });

  it('keeps all but separators of any text', () => {
    fc.assert(
      fc.property(prose, fc.constantFrom('|', '. ', 'aa', '\n'), (source, separator) => {
        const parts = splitText(source, { kind: 'separator', separator });
        for (const part of parts) expect(source.slice(part.start, part.end)).toBe(part.text);
        const left = uncovered(
          source.replaceAll(separator, (found) => ' '.repeat(found.length)),
          parts,
        );
        expect(left).toBe('');
      }),
    );
  });
});

describe('splitting Markdown', () => {
  const source =
    '# Guide\nIntro.\n\n## Install\nRun it.\n```sh\n# not a heading\n```\n### Empty\n## Use ##\nCall it.\n';

  it('leads every section by the path of its headings', () => {
    const parts = splitText(source, { kind: 'markdown' });
    expect(parts.map((part) => part.text)).toEqual([
      'Guide\nIntro.',
      'Guide > Install\nRun it.\n```sh\n# not a heading\n```',
      'Guide > Install > Empty',
      'Guide > Use\nCall it.',
    ]);
    expect(source.slice(parts[3]!.start, parts[3]!.end)).toBe('Call it.');
  });

  it('loses no word of any text', () => {
    fc.assert(
      fc.property(prose, (text) => {
        const joined = splitText(text, { kind: 'markdown' })
          .map((part) => part.text)
          .join('\n');
        for (const word of text.match(/[\p{L}\p{N}]+/gu) ?? []) expect(joined).toContain(word);
      }),
    );
  });
});
