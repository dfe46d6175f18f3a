import type { Clock } from '../../foundation/core/clock.ts';
import type { ErrorCode } from '../../foundation/core/error-table.ts';
import type { Db } from '../../foundation/database/tables.ts';
import type { Judgment } from './judgment.ts';
import { readJudgmentLines } from './judgment-lines.ts';
import { writeJudgments } from './write-judgments.ts';

/** A line that was not taken. */
export interface LineError {
  /** From 1. */
  readonly line: number;
  readonly code: ErrorCode;
  readonly message: string;
}

export interface JudgmentsTaken {
  readonly written: number;
  readonly failed: number;
  /** Judgments, among the written, of items that the collection does not hold: they stay, for catalogues change. */
  readonly unknownItems: number;
  /** The first hundred. */
  readonly errors: readonly LineError[];
}

export const MAX_LINE_ERRORS = 100;
const BATCH = 2000;
/** A batch is written early when its lines take this much. */
const BATCH_BYTES = 4_000_000;

/** Writes a table of judgments batch by batch, in bounded memory; what is written stays when the stream breaks off. */
export async function importJudgments(
  { db, clock }: { readonly db: Db; readonly clock: Clock },
  collectionId: number,
  source: { readonly set: string; readonly provenance: string },
  lines: AsyncIterable<Uint8Array>,
): Promise<JudgmentsTaken> {
  let [written, failed, unknownItems, bytes] = [0, 0, 0, 0];
  const errors: LineError[] = [];
  let batch: Judgment[] = [];
  const flush = async (): Promise<void> => {
    const judgments = batch;
    batch = [];
    bytes = 0;
    unknownItems += await writeJudgments(db, collectionId, { ...source, at: clock.now() }, judgments);
    written += judgments.length;
  };
  for await (const entry of readJudgmentLines(lines)) {
    if (entry.judgment === undefined) {
      failed++;
      if (errors.length < MAX_LINE_ERRORS && entry.error !== undefined)
        errors.push({ line: entry.line, code: entry.error.code, message: entry.error.message });
      continue;
    }
    batch.push(entry.judgment);
    bytes += entry.bytes;
    if (batch.length >= BATCH || bytes >= BATCH_BYTES) await flush();
  }
  if (batch.length > 0) await flush();
  return { written, failed, unknownItems, errors };
}
