import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { createGunzip } from 'node:zlib';
import { StudioError } from '../../../foundation/core/errors.ts';
import type { Judgment } from '../../../learning/judgments/judgment.ts';
import { type JudgmentLine, readJudgmentLines } from '../../../learning/judgments/judgment-lines.ts';
import type { Client } from '../../sdk/client.ts';
import type { ProgressSink } from '../progress/progress-sink.ts';

export interface ImportedJudgments {
  readonly set: string;
  readonly written: number;
  readonly failed: number;
  /** Judgments, among the written, of items that the collection does not hold. */
  readonly unknownItems: number;
  /** The first hundred. */
  readonly errors: ReadonlyArray<{ readonly line: number; readonly code: string; readonly message: string }>;
}

export interface ImportTarget {
  readonly collection: string;
  readonly set: string;
  readonly provenance: string;
}

const MAX_LISTED = 100;
const BATCH = 2000;
const BATCH_BYTES = 4_000_000;

/** Sends a table, gzipped or not, in batches. Throws `invalid_file`, and `shutting_down` between two batches when `stop` is given. */
export async function importJudgmentsFile(
  client: Client,
  path: string,
  { collection, ...target }: ImportTarget,
  progress: ProgressSink,
  stop?: AbortSignal,
): Promise<ImportedJudgments> {
  const { bytes, lines, bytesRead, close } = await openTable(path);
  const tally = { written: 0, failed: 0, unknownItems: 0, errors: [] as Array<ImportedJudgments['errors'][number]> };
  let batch: Judgment[] = [];
  let size = 0;
  const send = async (): Promise<void> => {
    const answer = await client.putJudgments(collection, { ...target, judgments: batch });
    tally.written += answer.written;
    tally.unknownItems += answer.unknownItems;
    batch = [];
    size = 0;
    progress.update(bytesRead(), `${tally.written} judgments`);
    if (stop?.aborted === true) throw stopped(tally.written);
  };
  progress.start('import', bytes);
  try {
    for await (const { line, judgment, error, bytes: length } of linesOf(path, lines)) {
      if (judgment === undefined) {
        tally.failed++;
        if (error !== undefined && tally.errors.length < MAX_LISTED)
          tally.errors.push({ line, code: error.code, message: error.message });
        continue;
      }
      batch.push(judgment);
      size += length;
      if (batch.length >= BATCH || size >= BATCH_BYTES) await send();
    }
    if (batch.length > 0) await send();
  } finally {
    close();
  }
  if (tally.written + tally.failed === 0)
    throw new StudioError('invalid_file', `${path} holds no judgments.`, {
      hint: 'It needs lines of query TAB item TAB grade [TAB weight].',
    });
  progress.finish(`${tally.written} judgments written${tally.failed === 0 ? '' : `, ${tally.failed} lines failed`}`);
  return { set: target.set, ...tally };
}

async function* linesOf(path: string, lines: AsyncIterable<Uint8Array>): AsyncGenerator<JudgmentLine> {
  const reading = readJudgmentLines(lines);
  for (;;) {
    // A fault of the file, such as an archive that is cut off; faults of the one who sends the lines are not ours.
    const next = await reading.next().catch((cause: Error) => {
      throw new StudioError('invalid_file', `${path} breaks off: ${cause.message}.`, { cause });
    });
    if (next.done === true) return;
    yield next.value;
  }
}

async function openTable(path: string) {
  const file = await open(path).catch((cause: NodeJS.ErrnoException) => {
    const reason = cause.code === 'ENOENT' ? 'does not exist' : `cannot be read (${cause.code})`;
    throw new StudioError('invalid_file', `The file ${path} ${reason}.`, { cause });
  });
  const status = await file.stat();
  const { buffer } = status.isDirectory() ? { buffer: Buffer.alloc(2) } : await file.read(Buffer.alloc(2), 0, 2, 0);
  await file.close();
  if (status.isDirectory())
    throw new StudioError('invalid_file', `${path} is a directory.`, { hint: 'Name a file in it.' });
  const source = createReadStream(path, { highWaterMark: 256 * 1024 });
  const zipped = buffer[0] === 0x1f && buffer[1] === 0x8b;
  // An error of the file itself must reach whoever reads what comes out of the archive.
  const unpacked = zipped ? source.pipe(createGunzip()) : source;
  if (zipped) source.on('error', (error) => unpacked.destroy(error));
  return {
    bytes: status.size,
    lines: unpacked as AsyncIterable<Uint8Array>,
    bytesRead: () => source.bytesRead,
    close: () => source.destroy(),
  };
}

const stopped = (written: number): StudioError =>
  new StudioError('shutting_down', `Stopped: ${written} judgments are written.`, {
    hint: 'Import again to go on: what is there already is written over.',
  });
