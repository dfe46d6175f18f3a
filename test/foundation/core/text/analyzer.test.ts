import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createAnalyzer, languages } from '../../../../src/foundation/core/text/analyzer.ts';

const analyze = (text: string, language = 'none'): string[] => createAnalyzer(language).analyze(text);

describe('the analyzer', () => {
  it('stems, folds accents and ignores case', () => {
    expect(analyze('Running SHOES, crème brûlée', 'english')).toEqual(['run', 'shoe', 'creme', 'brule']);
    for (const language of ['english', 'none']) {
      expect(analyze('crème brûlée élèves', language)).toEqual(analyze('creme brulee eleves', language));
    }
  });

  it('stems English with Porter 2001, and 1980 on demand', () => {
    expect(analyze('skies dying generally', 'english')).toEqual(['sky', 'die', 'general']);
    expect(analyze('skies generally', 'porter')).toEqual(['ski', 'gener']);
  });

  it('keeps numbers and words with an apostrophe together', () => {
    expect(analyze("1.75 1,000 don't 17. a.b")).toEqual(['1.75', '1,000', "don't", '17', 'a', 'b']);
    expect(analyze("the king's kings’ King’s", 'english')).toEqual(['the', 'king', 'king', 'king']);
  });

  it('leaves French articles away', () => {
    expect(analyze("l'avion qu’il d'élèves", 'french')).toEqual(['avion', 'il', 'elev']);
  });

  it('writes letters with strokes, ligatures and wide letters plain', () => {
    expect(analyze('Straße Øl Łódź ＡＢＣ ﬁne')).toEqual(['strasse', 'ol', 'lodz', 'abc', 'fine']);
  });

  it('keeps marks that are letters of their script', () => {
    expect(analyze('हिन्दी йод ёлка が')).toEqual(['हिन्दी', 'йод', 'елка', 'が']);
  });

  it('cuts scripts without blanks into pairs, and stores their single characters too', () => {
    expect(analyze('东京大学 2024年 猫')).toEqual(['东京', '京大', '大学', '2024', '年', '猫']);
    expect(createAnalyzer('none').indexTerms('黑猫')).toEqual(['黑', '猫', '黑猫']);
    expect(createAnalyzer('none').indexTerms('black cat')).toEqual(['black', 'cat']);
  });

  it('cuts long words', () => {
    expect(analyze('x'.repeat(100_000))).toEqual(['x'.repeat(64)]);
    expect(analyze(`a${'𐐨'.repeat(50)}`)[0]?.isWellFormed()).toBe(true);
  });

  it('refuses an unknown language by naming the known ones', () => {
    expect(() => createAnalyzer('klingon')).toThrow(
      expect.objectContaining({ code: 'invalid_schema', hint: expect.stringContaining('english') }),
    );
    expect(languages()).toContain('none');
  });

  it('says where each word stands, in any text and language', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string({ unit: 'binary', maxLength: 60 }), fc.string({ unit: 'grapheme', maxLength: 60 })),
        fc.constantFrom(...languages()),
        (text, language) => {
          const analyzer = createAnalyzer(language);
          const tokens = analyzer.tokens(text);
          expect(tokens.map((token) => token.term)).toEqual(analyzer.analyze(text));
          for (const { term, start, end } of tokens) {
            expect(term).toMatch(/^\S+$/);
            expect(term.length).toBeLessThanOrEqual(64);
            expect(term.isWellFormed()).toBe(true);
            expect(start).toBeGreaterThanOrEqual(0);
            expect(end).toBeGreaterThan(start);
            expect(end).toBeLessThanOrEqual(text.length);
            // What is marked in a text is found by the same word.
            expect(analyzer.analyze(text.slice(start, end))).toContain(term);
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});
