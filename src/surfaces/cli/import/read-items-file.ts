import { createReadStream } from 'node:fs';
import { open, readFile, stat } from 'node:fs/promises';
import { TextDecoder } from 'node:util';
import { createGunzip, gunzipSync } from 'node:zlib';
import { StudioError } from '../../../foundation/core/errors.ts';
import { readLines } from '../../../serving/collections/read-lines.ts';

/** One item of a file, or why its place holds none. */
export interface FileEntry {
  /** For people: `line 12` or `item 12`. */
  readonly place: string;
  readonly item?: unknown;
  readonly error?: string;
  /** Bytes of the file read so far. */
  readonly bytesRead: number;
}

export interface ItemsFile {
  readonly path: string;
  readonly bytes: number;
  entries(): AsyncGenerator<FileEntry>;
}

const MAX_LINE_BYTES = 30_000_000;
/** A JSON array is read as a whole. */
const MAX_ARRAY_BYTES = 400_000_000;

/** Opens NDJSON or a JSON array, gzipped or not; throws `invalid_file` with what is there instead. */
export async function openItemsFile(path: string): Promise<ItemsFile> {
  const head = await readHead(path);
  const { size } = await stat(path);
  const zipped = head[0] === 0x1f && head[1] === 0x8b;
  const start = zipped ? gunzipHead(head, path) : head;
  const first = firstCharacter(start);
  if (first === null)
    throw new StudioError('invalid_file', `${path} is empty${zipped ? ' once unpacked, or cut off' : ''}.`, {
      hint: 'A file of items is NDJSON or a JSON array.',
    });
  if (first === '[') return { path, bytes: size, entries: () => arrayEntries(path, size, zipped) };
  if (first === '{' && !isPretty(start)) return { path, bytes: size, entries: () => lineEntries(path, zipped) };
  throw new StudioError('invalid_file', `${path} is neither NDJSON nor a JSON array: ${guess(path, start, first)}.`, {
    hint: 'Convert it to one JSON object per line, each with an id.',
  });
}

async function readHead(path: string): Promise<Buffer> {
  const file = await open(path).catch((cause: NodeJS.ErrnoException) => {
    const reason = cause.code === 'ENOENT' ? 'does not exist' : `cannot be read (${cause.code})`;
    throw new StudioError('invalid_file', `The file ${path} ${reason}.`, { cause });
  });
  try {
    if ((await file.stat()).isDirectory())
      throw new StudioError('invalid_file', `${path} is a directory.`, { hint: 'Name its files.' });
    const { buffer, bytesRead } = await file.read(Buffer.alloc(4096), 0, 4096, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

function gunzipHead(head: Buffer, path: string): Buffer {
  try {
    // Z_SYNC_FLUSH: the head of a file ends in the middle of a block.
    return gunzipSync(head, { finishFlush: 2 });
  } catch (cause) {
    throw new StudioError('invalid_file', `${path} looks like gzip and cannot be unpacked.`, { cause });
  }
}

const firstCharacter = (head: Buffer): string | null =>
  head
    .toString('utf8')
    .replace(/^\uFEFF/, '')
    .trimStart()[0] ?? null;

/** One object over many lines, as editors like it. */
const isPretty = (head: Buffer): boolean => /^\uFEFF?\s*\{[ \t]*\r?\n/.test(head.toString('utf8'));

function guess(path: string, head: Buffer, first: string): string {
  const magic = head.subarray(0, 4).toString('latin1');
  if (/\.[ct]sv(\.gz)?$/i.test(path)) return 'CSV files are not read';
  if (magic === 'PAR1') return 'it is a Parquet file';
  if (magic.startsWith('PK')) return 'it is a ZIP archive';
  if (first === '{') return 'it is one object over several lines';
  return `it begins with ${JSON.stringify(first)}`;
}

async function* lineEntries(path: string, zipped: boolean): AsyncGenerator<FileEntry> {
  const source = createReadStream(path, { highWaterMark: 256 * 1024 });
  const bytes: AsyncIterable<Uint8Array> = zipped ? source.pipe(createGunzip()) : source;
  const decoder = new TextDecoder('utf-8', { fatal: true });
  try {
    for await (const line of readLines(bytes, MAX_LINE_BYTES)) {
      const place = `line ${line.index + 1}`;
      const bytesRead = source.bytesRead;
      if (line.content === null) yield { place, bytesRead, error: `The line has more than ${MAX_LINE_BYTES} bytes.` };
      else yield { place, bytesRead, ...parseLine(decoder, line.content) };
    }
  } catch (cause) {
    throw new StudioError('invalid_file', `${path} breaks off: ${(cause as Error).message}.`, {
      cause,
      hint: 'What was read of it may be stored already. Import the whole file again: unchanged items are skipped.',
    });
  } finally {
    source.destroy();
  }
}

function parseLine(decoder: TextDecoder, content: Uint8Array): { item: unknown } | { error: string } {
  try {
    return { item: JSON.parse(decoder.decode(content)) };
  } catch (error) {
    return {
      error:
        error instanceof SyntaxError ? `The line is no valid JSON: ${error.message}.` : 'The line is no valid UTF-8.',
    };
  }
}

function arrayFault(error: NodeJS.ErrnoException): string {
  if (error instanceof SyntaxError) return `is no valid JSON: ${error.message}`;
  if (error.code === 'ERR_ENCODING_INVALID_ENCODED_DATA') return 'is no valid UTF-8';
  return error.code === 'Z_BUF_ERROR' ? 'breaks off: unexpected end of file' : `cannot be read: ${error.message}`;
}

async function* arrayEntries(path: string, size: number, zipped: boolean): AsyncGenerator<FileEntry> {
  if (size > MAX_ARRAY_BYTES) {
    throw new StudioError('invalid_file', `${path} is a JSON array of ${size} bytes, too large to read at once.`, {
      hint: 'Convert it to one JSON object per line.',
    });
  }
  let items: unknown;
  try {
    const content = await readFile(path);
    // Fatal, as for lines: a text that is no UTF-8 would be stored with its letters replaced. It drops the mark, too.
    items = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(zipped ? gunzipSync(content) : content));
  } catch (cause) {
    throw new StudioError('invalid_file', `${path} ${arrayFault(cause as NodeJS.ErrnoException)}.`, { cause });
  }
  const list = items as unknown[];
  for (const [index, item] of list.entries()) {
    yield { place: `item ${index + 1}`, item, bytesRead: Math.round((size * (index + 1)) / list.length) };
  }
}
