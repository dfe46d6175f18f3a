import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';
import type { z } from 'zod';
import { StudioError } from '../../core/errors.ts';
import { migrations } from '../migrations/index.ts';
import { type FileLine, type HeaderLine, LINES, type RowLine, type TableLine, type TrailerLine } from './format.ts';

export type DumpLine =
  | { readonly kind: 'header'; readonly header: HeaderLine }
  | { readonly kind: 'table'; readonly table: TableLine }
  | { readonly kind: 'row'; readonly row: RowLine }
  | { readonly kind: 'file'; readonly file: FileLine };

/** No line of ours is longer: a picture of 20 MB is 27 MB in base64. */
const LONGEST_LINE_BYTES = 256 * 2 ** 20;

const NEWLINE = 10;

/**
 * The lines of a dump, checked on the way; ends without an error only after a trailer that fits them all.
 * Throws `invalid_dump` for a file that is damaged, cut off, no dump at all or written by a newer version.
 */
export async function* readDump(file: string): AsyncGenerator<DumpLine> {
  const hash = createHash('sha256');
  let rows = 0;
  let files = 0;
  let tables = 0;
  let header: HeaderLine | null = null;
  let columns: number | null = null;
  let trailer: TrailerLine | null = null;
  for await (const bytes of lines(file)) {
    if (trailer !== null) throw invalid(file, 'it goes on after its end');
    const value = parseJson(file, bytes);
    if (header === null) {
      header = checkHeader(file, value);
      yield { kind: 'header', header };
    } else if (Array.isArray(value)) {
      const row = check(file, LINES.row, value);
      if (columns === null || row.length !== columns) throw invalid(file, 'a row does not fit its table');
      rows += 1;
      yield { kind: 'row', row };
    } else if (isObject(value) && 'table' in value) {
      const table = check(file, LINES.table, value);
      columns = table.columns.filter(({ stored }) => stored).length;
      tables += 1;
      yield { kind: 'table', table };
    } else if (isObject(value) && 'file' in value) {
      columns = null;
      files += 1;
      yield { kind: 'file', file: check(file, LINES.file, value) };
    } else {
      trailer = check(file, LINES.trailer, value);
      const fits = trailer.rows === rows && trailer.files === files && header.tables === tables;
      if (!fits || trailer.sha256 !== hash.copy().digest('hex')) throw invalid(file, 'its content was changed');
    }
    hash.update(bytes).update('\n');
  }
  if (trailer === null) throw invalid(file, header === null ? 'it is empty' : 'it is cut off');
}

/** The lines of the unpacked file, without their newlines. */
async function* lines(file: string): AsyncGenerator<Buffer> {
  const source = createReadStream(file);
  const unpacked = createGunzip();
  source.on('error', (error) => unpacked.destroy(error));
  let rest: Buffer[] = [];
  let restBytes = 0;
  try {
    for await (const chunk of source.pipe(unpacked) as AsyncIterable<Buffer>) {
      let from = 0;
      for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, from)) {
        yield rest.length === 0 ? chunk.subarray(from, at) : Buffer.concat([...rest, chunk.subarray(from, at)]);
        rest = [];
        restBytes = 0;
        from = at + 1;
      }
      if (from === chunk.length) continue;
      rest.push(chunk.subarray(from));
      restBytes += chunk.length - from;
      if (restBytes > LONGEST_LINE_BYTES) throw invalid(file, 'a line is too long');
    }
  } catch (error) {
    throw readFailure(file, error);
  } finally {
    source.destroy();
    unpacked.destroy();
  }
  if (rest.length > 0) throw invalid(file, 'it is cut off');
}

function checkHeader(file: string, value: unknown): HeaderLine {
  const parsed = LINES.header.safeParse(value);
  if (!parsed.success) throw invalid(file, 'it does not begin like one');
  const unknown = parsed.data.migrations.find((name) => !Object.hasOwn(migrations, name));
  if (unknown !== undefined) {
    throw invalid(file, `it was written by the newer version ${parsed.data.productVersion}`);
  }
  return parsed.data;
}

function check<T>(file: string, schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw invalid(file, 'a line cannot be understood', parsed.error);
  return parsed.data;
}

function parseJson(file: string, bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch (error) {
    throw invalid(file, 'a line is no JSON', error);
  }
}

function readFailure(file: string, error: unknown): unknown {
  if (StudioError.isInstance(error)) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'Z_BUF_ERROR') return invalid(file, 'it is cut off', error);
  if (code?.startsWith('Z_') === true) return invalid(file, 'it is damaged or not packed with gzip', error);
  if (code === 'ENOENT') return new StudioError('invalid_file', `There is no file ${file}.`, { cause: error });
  return new StudioError('invalid_file', `The file ${file} cannot be read: ${message}.`, { cause: error });
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function invalid(file: string, why: string, cause?: unknown): StudioError {
  return new StudioError('invalid_dump', `${file} is no dump that can be restored: ${why}.`, {
    hint: 'Nothing was changed. Take another copy, or export again.',
    ...(cause === undefined ? {} : { cause }),
  });
}
