import { StudioError } from '../../foundation/core/errors.ts';
import { readLines } from '../../serving/collections/read-lines.ts';
import { checkJudgment, type Judgment } from './judgment.ts';

/** One line of a table of judgments, or why it is none. */
export interface JudgmentLine {
  /** From 1, as editors count. */
  readonly line: number;
  readonly bytes: number;
  readonly judgment?: Judgment;
  readonly error?: StudioError;
}

/** The longest query, four bytes a character, and all that may stand beside it. */
export const MAX_JUDGMENT_LINE_BYTES = 50_000;

const HEADER = 'query\titem\tgrade\tweight';
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d{1,3})?$/i;

/**
 * Judgments from a stream of tab-separated lines, `query TAB item TAB grade [TAB weight]` in UTF-8, holding one line at most. A first
 * line with the names of the columns is skipped, and so are empty lines; a line that is no judgment is an error of that line alone.
 *
 * @example for await (const { line, judgment, error } of readJudgmentLines(createReadStream('ratings.tsv'))) …
 */
export async function* readJudgmentLines(source: AsyncIterable<Uint8Array>): AsyncGenerator<JudgmentLine> {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  let first = true;
  for await (const { index, content, bytes } of readLines(source, MAX_JUDGMENT_LINE_BYTES)) {
    const place = { line: index + 1, bytes };
    const isFirst = first;
    first = false;
    try {
      const text = decode(decoder, content, bytes).replace(/\r$/, '');
      if (isFirst && isHeader(text)) continue;
      const judgment = parseLine(text);
      checkJudgment(judgment);
      yield { ...place, judgment };
    } catch (error) {
      if (!StudioError.isInstance(error)) throw error;
      yield { ...place, error };
    }
  }
}

/** The names of the columns, with which a table begins. */
export const judgmentHeader = (): string => HEADER;

/** One line of a table. Tabs and line ends in a query become blanks, which changes nothing about which query it is. */
export const writeJudgmentLine = ({ query, itemId, grade, weight = 1 }: Judgment): string =>
  [query.replace(/[\t\r\n]+/g, ' '), itemId, grade, weight].join('\t');

function decode(decoder: InstanceType<typeof TextDecoder>, content: Uint8Array | null, bytes: number): string {
  if (content === null) refuse(`The line has ${bytes} bytes; at most ${MAX_JUDGMENT_LINE_BYTES} are allowed.`);
  try {
    return decoder.decode(content);
  } catch {
    refuse('The line is no valid UTF-8.');
  }
}

function isHeader(text: string): boolean {
  const [query, item, grade, ...rest] = text.toLowerCase().split('\t');
  return query === 'query' && /^item([_ ]?id)?$/.test(item ?? '') && grade === 'grade' && rest.length <= 1;
}

function parseLine(text: string): Judgment {
  const columns = text.split('\t');
  const [query = '', itemId = '', grade = '', weight] = columns;
  if (isQrels(text, columns))
    refuse(
      'This is a line of TREC qrels, which name their queries by number. Queries are texts here: join them in, as query TAB item TAB grade.',
    );
  if (columns.length < 3 || columns.length > 4) {
    const found = `${columns.length} ${columns.length === 1 ? 'column' : 'columns'}`;
    refuse(`The line has ${found}; it needs query, item, grade and, if you like, weight, with tabs between them.`);
  }
  return {
    query,
    itemId,
    grade: numberOf('grade', grade),
    ...(weight === undefined ? {} : { weight: numberOf('weight', weight) }),
  };
}

/** `qid 0 docid grade`, with blanks or tabs between. A query that is a number, an item "0" and a weight like 1.0 are fine. */
function isQrels(text: string, columns: readonly string[]): boolean {
  const parts = columns.length === 1 ? text.trim().split(/ +/) : columns;
  const [query = '', iteration = '', , grade = ''] = parts;
  if (parts.length !== 4 || !/^(0|Q0)$/i.test(iteration) || !/^-?\d+$/.test(grade)) return false;
  return columns.length === 1 || /^\d+$/.test(query) || !NUMBER.test(parts[2] ?? '');
}

function numberOf(name: string, text: string): number {
  const trimmed = text.trim();
  if (NUMBER.test(trimmed)) return Number(trimmed);
  refuse(
    `The ${name} ${JSON.stringify(text.slice(0, 40))} is no number${/^\d+,\d+$/.test(trimmed) ? '; write decimals with a point' : ''}.`,
  );
}

function refuse(message: string): never {
  throw new StudioError('invalid_judgment', message);
}
