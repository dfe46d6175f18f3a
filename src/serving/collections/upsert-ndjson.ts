import type { Readable } from 'node:stream';
import { StudioError } from '../../foundation/core/errors.ts';
import type { UpsertResult } from './item-errors.ts';
import type { IndexedInput } from './prepare-items.ts';
import { readLines } from './read-lines.ts';
import type { Collection } from './schema.ts';
import { CHUNK_ITEMS, type ItemsContext, Upsert } from './upsert-items.ts';

/** A picture of the greatest size as base64, and something beside it. */
export const MAX_LINE_BYTES = 30_000_000;
/** A chunk is written early when its lines take this much. */
const CHUNK_BYTES = 4_000_000;

/**
 * Stores items from a stream of JSON lines in bounded memory: the stream is read only as fast as items are stored.
 * A line that is no JSON, or too long, is an error of that line alone. Empty lines are skipped.
 *
 * @example await upsertNdjson(context, collection, createReadStream('items.ndjson'));
 */
export async function upsertNdjson(
  context: ItemsContext,
  collection: Collection,
  source: AsyncIterable<Uint8Array> | Readable,
  options: {
    readonly maxLineBytes?: number;
    readonly onProgress?: (done: { readonly lines: number; readonly bytes: number }) => void;
  } = {},
): Promise<UpsertResult> {
  const upsert = new Upsert(context, collection);
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  let chunk: IndexedInput[] = [];
  let chunkBytes = 0;
  let bytes = 0;
  const flush = async (lines: number): Promise<void> => {
    const inputs = chunk;
    chunk = [];
    chunkBytes = 0;
    await upsert.add(inputs);
    options.onProgress?.({ lines, bytes });
  };
  for await (const line of readLines(source as AsyncIterable<Uint8Array>, options.maxLineBytes ?? MAX_LINE_BYTES)) {
    bytes += line.bytes;
    if (line.content === null) {
      const message = `The line has ${line.bytes} bytes; at most ${options.maxLineBytes ?? MAX_LINE_BYTES} are allowed.`;
      upsert.tally.fail('parse', line.index, null, new StudioError('payload_too_large', message));
      continue;
    }
    try {
      chunk.push({ index: line.index, input: JSON.parse(decoder.decode(line.content)) });
      chunkBytes += line.bytes;
    } catch (cause) {
      const message =
        cause instanceof SyntaxError ? `The line is no valid JSON: ${cause.message}.` : 'The line is no valid UTF-8.';
      upsert.tally.fail('parse', line.index, null, new StudioError('invalid_json', message, { cause }));
    }
    if (chunk.length >= CHUNK_ITEMS || chunkBytes >= CHUNK_BYTES) await flush(line.index + 1);
  }
  if (chunk.length > 0) await flush(chunk.at(-1)!.index + 1);
  return await upsert.finish();
}
