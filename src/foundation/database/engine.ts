/**
 * The one door to SQL. PGlite (embedded) and PostgreSQL implement it; everything else talks to Kysely
 * over it. Parameters are always bound. bigint and numeric columns come back as JavaScript numbers,
 * timestamptz as Date, jsonb parsed; jsonb parameters are passed as JSON text.
 */
export type EngineKind = 'pglite' | 'postgres';

export interface EngineResult<Row = Record<string, unknown>> {
  readonly rows: Row[];
  /** Rows touched by an insert, update or delete. */
  readonly affectedRows: number;
}

/** One session: statements on it run in order, and a transaction belongs to it. */
export interface EngineConnection {
  query<Row = Record<string, unknown>>(sql: string, parameters?: readonly unknown[]): Promise<EngineResult<Row>>;
  release(): void;
}

export interface Engine {
  readonly kind: EngineKind;
  /** Waits for a free session. PGlite has one; PostgreSQL has a pool. */
  acquire(): Promise<EngineConnection>;
  /** Tells the other processes on this database that something happened (a no-op where there are none). */
  notify(channel: string, payload: string): Promise<void>;
  /**
   * Calls back for each notification, from this process or another. Returns the way to stop.
   * `onGap` is called when notifications may have been lost because the connection broke: look for yourself then.
   */
  listen(channel: string, handler: (payload: string) => void, onGap?: () => void): Promise<() => Promise<void>>;
  close(): Promise<void>;
}
