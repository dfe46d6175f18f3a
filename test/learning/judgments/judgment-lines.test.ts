import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { queryKeyOf } from '../../../src/learning/feedback/query-key.ts';
import type { Judgment } from '../../../src/learning/judgments/judgment.ts';
import {
  type JudgmentLine,
  judgmentHeader,
  readJudgmentLines,
  writeJudgmentLine,
} from '../../../src/learning/judgments/judgment-lines.ts';

async function read(content: string | Uint8Array, piece = 7): Promise<JudgmentLine[]> {
  const bytes = Buffer.from(content);
  async function* pieces() {
    for (let start = 0; start < bytes.length; start += piece) yield bytes.subarray(start, start + piece);
  }
  const lines: JudgmentLine[] = [];
  for await (const line of readJudgmentLines(pieces())) lines.push(line);
  return lines;
}
const judgmentsOf = (lines: readonly JudgmentLine[]) => lines.map(({ judgment }) => judgment);
const faultOf = async (line: string | Uint8Array): Promise<string | undefined> =>
  (await read(line, 1000)).find(({ error }) => error !== undefined)?.error?.message;

const judgment: fc.Arbitrary<Judgment> = fc.record({
  query: fc
    .string({ unit: 'grapheme', minLength: 1, maxLength: 40 })
    .filter((text) => queryKeyOf(text) !== '' && !text.includes('\u0000')),
  itemId: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }).filter((id) => !/^\ufeff|\p{Cc}/u.test(id)),
  grade: fc.double({ min: 0, max: 100, noNaN: true }),
  weight: fc.double({ min: 0, minExcluded: true, max: 1000, noNaN: true }),
});

describe('a table of judgments', () => {
  it('is read as it was written', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(judgment, { maxLength: 20 }),
        fc.integer({ min: 1, max: 50 }),
        async (judgments, piece) => {
          const written = [judgmentHeader(), ...judgments.map(writeJudgmentLine)].join('\n');
          const lines = await read(written, piece);
          expect(lines.map(({ error }) => error?.message)).toEqual(judgments.map(() => undefined));
          expect(judgmentsOf(lines)).toEqual(
            judgments.map((one) => ({ ...one, query: one.query.replace(/[\t\r\n]+/g, ' '), grade: one.grade + 0 })),
          );
        },
      ),
    );
  });

  it('keeps a query the same query, whatever blanks are in it', async () => {
    const line = writeJudgmentLine({ query: 'red\t\r\nshoes', itemId: 'a', grade: 1 });
    const [read1] = judgmentsOf(await read(line));
    expect(queryKeyOf(read1?.query ?? '')).toBe(queryKeyOf('red\t\r\nshoes'));
  });

  it('may have a header, a byte order mark, empty lines, line ends of Windows, and no weights', async () => {
    const lines = await read('\ufeffQuery\tItem_ID\tGrade\r\n\r\nred shoes\ta\t3\r\n\n"blue" \\n\tb\t.5\t2\r\n');
    expect(judgmentsOf(lines)).toEqual([
      { query: 'red shoes', itemId: 'a', grade: 3 },
      { query: '"blue" \\n', itemId: 'b', grade: 0.5, weight: 2 },
    ]);
    expect(lines.map(({ line }) => line)).toEqual([3, 5]);
  });

  it('is read to its end whatever stands in between', async () => {
    const lines = await read(`a\tx\t1\nhalf a line\n${'q'.repeat(60_000)}\ty\t1\nb\tx\t2`, 1000);
    expect(lines.map(({ line, error }) => [line, error?.code])).toEqual([
      [1, undefined],
      [2, 'invalid_judgment'],
      [3, 'invalid_judgment'],
      [4, undefined],
    ]);
  });

  it('takes a header for one in the first line alone', async () => {
    expect(await faultOf('a\tx\t1\nquery\titem\tgrade\n')).toContain('The grade "grade" is no number');
  });

  it.each(
    [
      ['red shoes\ta', '2 columns; it needs query, item, grade'],
      ['red shoes', '1 column;'],
      ['a\tb\t1\t1\t1', '5 columns'],
      ['a\tb\t', 'The grade "" is no number'],
      ['a\tb\tgood', 'The grade "good" is no number'],
      ['a\tb\tNaN', 'is no number'],
      ['a\tb\tInfinity', 'is no number'],
      ['a\tb\t1e999', 'from 0 to 100'],
      ['a\tb\t0x10', 'is no number'],
      ['a\tb\t0,5', 'write decimals with a point'],
      ['a\tb\t-1', 'The grade must be a number from 0 to 100'],
      ['a\tb\t101', 'The grade must be a number from 0 to 100'],
      ['a\tb\t1\t0', 'The weight must be a number above 0'],
      ['a\tb\t1\t1001', 'at most 1000'],
      ['a\tb\t1\theavy', 'The weight "heavy" is no number'],
      ['  \tb\t1', 'The query is blank'],
      ['a\t\t1', 'The item must have 1 to 256 characters'],
      [`a\t${'b'.repeat(257)}\t1`, 'The item must have 1 to 256 characters'],
      [`${'a'.repeat(10_001)}\tb\t1`, 'at most 10000'],
      ['a\u0000b\tb\t1', 'NUL'],
      ['101 0 doc-7 2', 'TREC qrels'],
      ['101\t0\tdoc-7\t2', 'TREC qrels'],
      ['101\t0\t77\t2', 'TREC qrels'],
      ['shoes\tQ0\tdoc-7\t-1', 'TREC qrels'],
      ['a'.repeat(60_000), 'The line has 60000 bytes; at most 50000'],
      [Uint8Array.from([0x61, 0xff, 0x09, 0x62, 0x09, 0x31]), 'no valid UTF-8'],
    ].map(([line, sentence]) => ({ line: line as string | Uint8Array, sentence: sentence as string })),
  )('refuses a line because of: $sentence', async ({ line, sentence }) => {
    expect(await faultOf(line)).toContain(sentence);
  });

  it('may have numbers for queries and an item called 0', async () => {
    expect(judgmentsOf(await read('1984\t0\t3\n1984\t0\t3\t1.0\n'))).toEqual([
      { query: '1984', itemId: '0', grade: 3 },
      { query: '1984', itemId: '0', grade: 3, weight: 1 },
    ]);
  });

  it('may be empty', async () => {
    expect(await read('')).toEqual([]);
    expect(await read('query\titem\tgrade\tweight\n')).toEqual([]);
  });
});
