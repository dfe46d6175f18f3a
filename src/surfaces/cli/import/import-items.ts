import { StudioError } from '../../../foundation/core/errors.ts';
import type { Client } from '../../sdk/client.ts';
import type { ProgressSink } from '../progress/progress-sink.ts';
import type { FileEntry, ItemsFile } from './read-items-file.ts';

export interface ImportFault {
  readonly file: string;
  /** For people: `line 12` or `item 12`. */
  readonly place: string;
  readonly id: string | null;
  readonly code: string;
  readonly message: string;
}

export interface ImportResult {
  readonly accepted: number;
  readonly unchanged: number;
  readonly failed: number;
  /** The first thousand. */
  readonly errors: readonly ImportFault[];
}

const BATCH_ITEMS = 500;
const BATCH_BYTES = 8_000_000;
const MAX_LISTED = 1000;

/**
 * Sends the items of the files in batches: while one is stored, the next is read. Throws `shutting_down` after the
 * batch that is on its way when `stop` is given.
 */
export async function importItems(
  client: Client,
  collection: string,
  files: readonly ItemsFile[],
  progress: ProgressSink,
  stop?: AbortSignal,
): Promise<ImportResult> {
  const tally = { accepted: 0, unchanged: 0, failed: 0, errors: [] as ImportFault[] };
  const fault = (file: ItemsFile, place: string, id: string | null, code: string, message: string): void => {
    tally.failed++;
    if (tally.errors.length < MAX_LISTED) tally.errors.push({ file: file.path, place, id, code, message });
  };
  let bytesBefore = 0;
  let sending: Promise<void> = Promise.resolve();
  const send = async (file: ItemsFile, batch: readonly FileEntry[]): Promise<void> => {
    const answer = await client.putItems(collection, { items: batch.map((entry) => entry.item) });
    tally.accepted += answer.accepted;
    tally.unchanged += answer.unchanged;
    for (const error of answer.errors)
      fault(file, batch[error.index]?.place ?? '', error.id, error.code, error.message);
    tally.failed += answer.failed - answer.errors.length;
    progress.update(bytesBefore + (batch.at(-1)?.bytesRead ?? 0), `${tally.accepted} items`);
  };
  progress.start(
    'import',
    files.reduce((sum, file) => sum + file.bytes, 0),
  );
  for (const file of files) {
    for await (const batch of batches(file, (entry) =>
      fault(file, entry.place, null, 'invalid_json', entry.error ?? ''),
    )) {
      await sending;
      if (stop?.aborted === true) throw stopped(tally.accepted);
      sending = send(file, batch);
      // A failure is thrown at the next await; until then it must not count as unhandled.
      sending.catch(() => {});
    }
    await sending;
    bytesBefore += file.bytes;
  }
  progress.finish(summaryOf(tally));
  return tally;
}

const stopped = (accepted: number): StudioError =>
  new StudioError('shutting_down', `Stopped: ${accepted} ${accepted === 1 ? 'item is' : 'items are'} stored.`, {
    hint: 'Import again to go on: what is stored and unchanged is skipped.',
  });

async function* batches(file: ItemsFile, onFault: (entry: FileEntry) => void): AsyncGenerator<FileEntry[]> {
  let batch: FileEntry[] = [];
  let bytes = 0;
  for await (const entry of file.entries()) {
    if (entry.error !== undefined) {
      onFault(entry);
      continue;
    }
    batch.push(entry);
    bytes += sizeOf(entry.item);
    if (batch.length < BATCH_ITEMS && bytes < BATCH_BYTES) continue;
    yield batch;
    batch = [];
    bytes = 0;
  }
  if (batch.length > 0) yield batch;
}

/** Pictures are what makes items large, and they are texts at the top; the rest is small. */
function sizeOf(item: unknown): number {
  if (item === null || typeof item !== 'object') return 100;
  return Object.values(item).reduce<number>(
    (sum, value) => sum + (typeof value === 'string' ? value.length : 100),
    100,
  );
}

function summaryOf({ accepted, unchanged, failed }: ImportResult): string {
  const parts = [`${accepted} ${accepted === 1 ? 'item' : 'items'} stored`];
  if (unchanged > 0) parts.push(`${unchanged} of them unchanged`);
  if (failed > 0) parts.push(`${failed} failed`);
  return parts.join(', ');
}
