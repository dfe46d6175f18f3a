import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';
import { z } from 'zod';
import { StudioError } from '../../../foundation/core/errors.ts';
import type { PairRecord } from '../../../learning/training/batches/pair-set.ts';
import type { LabelledPicture, ScoredPair } from '../../../learning/training/recipes/training-data.ts';
import { readLines } from '../../../serving/collections/read-lines.ts';

const MAX_LINE_BYTES = 1_000_000;
const text = z.string().trim().min(1);

const pairSchema = z.strictObject({
  query: text,
  item: text,
  weight: z.coerce.number().positive().optional(),
  negatives: z.array(text).optional(),
});
const scoreSchema = z.strictObject({ left: text, right: text, score: z.coerce.number() });
const pictureSchema = z.strictObject({ picture: text, text });
const textSchema = z.strictObject({ text });

/** `query ⇥ item [⇥ weight]`, or NDJSON `{"query", "item", "weight"?, "negatives"?}`. Throws `invalid_file`. */
export const readPairs = async (file: string): Promise<PairRecord[]> =>
  (await readRecords(file, pairSchema, ['query', 'item', 'weight'])).map(({ query, item, weight, negatives }) => ({
    query,
    item,
    ...(weight === undefined ? {} : { weight }),
    ...(negatives === undefined ? {} : { negatives }),
  }));

/** `left ⇥ right ⇥ score`, or NDJSON with these keys. Throws `invalid_file`. */
export const readScores = (file: string): Promise<ScoredPair[]> =>
  readRecords(file, scoreSchema, ['left', 'right', 'score']);

/** `path ⇥ text`, or NDJSON `{"picture", "text"}`. Throws `invalid_file`. */
export const readPictures = (file: string): Promise<LabelledPicture[]> =>
  readRecords(file, pictureSchema, ['picture', 'text']);

/** A text a line, or NDJSON `{"text"}`. Throws `invalid_file`. */
export const readTexts = async (file: string): Promise<string[]> =>
  (await readRecords(file, textSchema, ['text'])).map((record) => record.text);

/** Lines of tab-separated columns or of JSON objects; a file is of one kind, which its first line shows. */
async function readRecords<Schema extends z.ZodType>(
  file: string,
  schema: Schema,
  columns: readonly string[],
): Promise<Array<z.output<Schema>>> {
  const records: Array<z.output<Schema>> = [];
  let json: boolean | null = null;
  for await (const { index, content } of linesOf(file)) {
    const wrong = (reason: string): StudioError =>
      new StudioError('invalid_file', `${file}, line ${index + 1}: ${reason}.`, {
        hint: `Each line is ${columns.join(' ⇥ ')}, or a JSON object with these keys.`,
      });
    if (content === null) throw wrong(`it has more than ${MAX_LINE_BYTES} bytes`);
    const line = Buffer.from(content).toString().replace(/\r$/, '');
    json ??= line.trimStart().startsWith('{');
    const parsed = schema.safeParse(json ? parseJson(line, wrong) : rowOf(line, columns, wrong));
    if (!parsed.success) {
      const issue = parsed.error.issues[0];
      throw wrong(`${issue?.path.join('.') || 'it'} is wrong: ${issue?.message}`);
    }
    records.push(parsed.data);
  }
  if (records.length === 0) throw new StudioError('invalid_file', `${file} is empty.`);
  return records;
}

async function* linesOf(file: string): AsyncGenerator<{ index: number; content: Uint8Array | null }> {
  const source = createReadStream(file);
  const bytes: AsyncIterable<Uint8Array> = /\.gz$/i.test(file) ? source.pipe(createGunzip()) : source;
  try {
    yield* readLines(bytes, MAX_LINE_BYTES);
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    throw new StudioError(
      'invalid_file',
      `The file ${file} ${code === 'ENOENT' ? 'does not exist' : `cannot be read: ${message}`}.`,
      {
        cause,
      },
    );
  } finally {
    source.destroy();
  }
}

function parseJson(line: string, wrong: (reason: string) => StudioError): unknown {
  try {
    return JSON.parse(line);
  } catch (error) {
    throw wrong(`it is no valid JSON: ${(error as Error).message}`);
  }
}

function rowOf(
  line: string,
  columns: readonly string[],
  wrong: (reason: string) => StudioError,
): Record<string, string> {
  const cells = line.split('\t');
  if (cells.length > columns.length) throw wrong(`it has ${cells.length} columns`);
  return Object.fromEntries(cells.map((cell, at) => [columns[at] as string, cell]));
}
