import type { ParameterText } from '../sql/parameter-text.ts';
import type { SqlErrorFields } from '../sql/sql-error.ts';

/** What the worker is started with. */
export interface WorkerStart {
  /** null: in memory. */
  readonly directory: string | null;
  /** A template to begin from; only for a directory that holds no database yet. */
  readonly template: string | null;
  /** Whether an acknowledged commit has reached the disk. */
  readonly fsync: boolean;
}

export type WorkerRequest =
  | { readonly kind: 'query'; readonly id: number; readonly sql: string; readonly parameters: readonly ParameterText[] }
  | { readonly kind: 'save-template'; readonly id: number; readonly file: string }
  | { readonly kind: 'close'; readonly id: number };

/** `kind` tells a statement that was refused from a database that is broken. */
export type WorkerAnswer =
  | { readonly kind: 'ready' }
  | { readonly kind: 'start-failed'; readonly message: string }
  | {
      readonly kind: 'done';
      readonly id: number;
      readonly rows: Record<string, unknown>[];
      readonly affectedRows: number;
      readonly inTransaction: boolean;
    }
  | { readonly kind: 'refused'; readonly id: number; readonly error: SqlErrorFields; readonly inTransaction: boolean }
  | { readonly kind: 'broken'; readonly id: number; readonly message: string };
