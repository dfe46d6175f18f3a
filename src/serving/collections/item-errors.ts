import type { ErrorCode } from '../../foundation/core/error-table.ts';
import { StudioError } from '../../foundation/core/errors.ts';

/** Where an item failed on its way in. */
export type ItemStage = 'parse' | 'validate' | 'blob' | 'write';

export interface ItemError {
  /** Null when the input had no readable id. */
  readonly id: string | null;
  /** Place in the request, from 0; for NDJSON the number of the line, from 0. */
  readonly index: number;
  readonly stage: ItemStage;
  readonly code: ErrorCode;
  readonly message: string;
}

export interface UpsertResult {
  /** Items that are stored now as they were sent, the unchanged ones among them. */
  readonly accepted: number;
  readonly failed: number;
  readonly unchanged: number;
  /** Once the indexes have applied this sequence, all accepted items are searchable. */
  readonly sequence: number;
  /** At most 1,000; `failed` counts all. */
  readonly errors: readonly ItemError[];
}

const MAX_LISTED_ERRORS = 1000;

/** Adds up what happens to the items of one request. */
export class UpsertTally {
  accepted = 0;
  failed = 0;
  unchanged = 0;
  sequence: number;
  readonly errors: ItemError[] = [];

  constructor(sequence: number) {
    this.sequence = sequence;
  }

  /** Counts an error of one item; rethrows what is no fault of the item. */
  fail(stage: ItemStage, index: number, id: unknown, error: unknown): void {
    if (!(error instanceof StudioError)) throw error;
    this.failed++;
    if (this.errors.length >= MAX_LISTED_ERRORS) return;
    this.errors.push({
      id: typeof id === 'string' ? id.slice(0, 256) : null,
      index,
      stage,
      code: error.code,
      message: error.message,
    });
  }

  result(): UpsertResult {
    const errors = this.errors.sort((left, right) => left.index - right.index);
    return { accepted: this.accepted, failed: this.failed, unchanged: this.unchanged, sequence: this.sequence, errors };
  }
}
