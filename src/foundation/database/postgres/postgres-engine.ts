import pg from 'pg';
import { StudioError } from '../../core/errors.ts';
import type { Engine, EngineConnection, EngineResult } from '../engine.ts';
import { toParameterText } from '../sql/parameter-text.ts';
import { SqlError } from '../sql/sql-error.ts';
import { valueParser } from '../sql/value-parsers.ts';
import { connectionFailure, placeOf } from './connection-failure.ts';
import { Listener } from './listener.ts';

export interface PostgresEngineOptions {
  readonly databaseUrl: string;
  readonly poolSize: number;
  readonly statementTimeoutMs: number;
  readonly log: (level: 'info' | 'warn', message: string) => void;
}

/** Longer waits for a free session mean that the process has taken on more than it can do. */
const ACQUIRE_TIMEOUT_MS = 15_000;

const WRITING = new Set(['INSERT', 'UPDATE', 'DELETE', 'MERGE']);

/** A PostgreSQL server behind the Engine port: a pool of sessions and one more that listens. */
export class PostgresEngine implements Engine {
  readonly kind = 'postgres';
  readonly #pool: pg.Pool;
  readonly #listener: Listener;
  readonly #place: string;
  #closing: Promise<void> | null = null;

  constructor(options: PostgresEngineOptions) {
    this.#place = placeOf(options.databaseUrl);
    const warn = (message: string): void => options.log('warn', message);
    const config: pg.ClientConfig = {
      connectionString: options.databaseUrl,
      application_name: 'embedding-studio',
      connectionTimeoutMillis: ACQUIRE_TIMEOUT_MS,
      types: { getTypeParser: valueParser as typeof pg.types.getTypeParser },
    };
    this.#pool = new pg.Pool({
      ...config,
      max: options.poolSize,
      keepAlive: true,
      // Compiling takes longer than most of our statements: the planner overrates them when vectors are read.
      onConnect: (client) => client.query('set jit = off'),
      ...(options.statementTimeoutMs > 0 ? { statement_timeout: options.statementTimeoutMs } : {}),
    });
    // An idle session that breaks is replaced when it is needed; without a handler it would end the process.
    this.#pool.on('error', (error) => warn(`A session with ${this.#place} broke: ${error.message}`));
    this.#listener = new Listener(config, warn);
  }

  async acquire(): Promise<EngineConnection> {
    let client: pg.PoolClient;
    try {
      client = await this.#pool.connect();
    } catch (error) {
      throw this.#acquireFailure(error);
    }
    return new PostgresConnection(client, this.#place);
  }

  async notify(channel: string, payload: string): Promise<void> {
    const connection = await this.acquire();
    try {
      await connection.query('select pg_notify($1, $2)', [channel, payload]);
    } finally {
      connection.release();
    }
  }

  async listen(channel: string, handler: (payload: string) => void, onGap?: () => void): Promise<() => Promise<void>> {
    try {
      return await this.#listener.listen(channel, handler, onGap);
    } catch (error) {
      throw connectionFailure(error, this.#place) ?? error;
    }
  }

  close(): Promise<void> {
    this.#closing ??= (async () => {
      await this.#listener.close();
      await this.#pool.end();
    })();
    return this.#closing;
  }

  #acquireFailure(error: unknown): unknown {
    if (this.#closing !== null) return new StudioError('database_unavailable', 'The database is closed.');
    if (
      error instanceof Error &&
      /timeout exceeded/.test(error.message) &&
      this.#pool.totalCount >= this.#pool.options.max
    ) {
      return new StudioError('overloaded', `All ${this.#pool.options.max} database sessions are taken.`, {
        cause: error,
      });
    }
    return connectionFailure(error, this.#place) ?? error;
  }
}

class PostgresConnection implements EngineConnection {
  readonly #client: pg.PoolClient;
  readonly #place: string;
  #broken: Error | null = null;
  #released = false;
  #inTransaction = false;
  #last: Promise<unknown> = Promise.resolve();

  constructor(client: pg.PoolClient, place: string) {
    this.#client = client;
    this.#place = place;
    client.on('error', this.#onError);
  }

  /** One after the other: pg does not take a statement while it runs another any more from version 9 on. */
  query<Row>(sql: string, parameters: readonly unknown[] = []): Promise<EngineResult<Row>> {
    const outcome = this.#last.then(() => this.#run<Row>(sql, parameters));
    this.#last = outcome.catch(() => {});
    return outcome;
  }

  async #run<Row>(sql: string, parameters: readonly unknown[]): Promise<EngineResult<Row>> {
    if (this.#released) throw new Error('This session was released; acquire another.');
    const values = parameters.map(toParameterText);
    try {
      const result = await this.#client.query<Row & pg.QueryResultRow>({
        text: sql,
        values,
        queryMode: 'extended',
      } as pg.QueryConfig);
      this.#follow(result.command);
      return { rows: result.rows, affectedRows: WRITING.has(result.command) ? (result.rowCount ?? 0) : 0 };
    } catch (error) {
      throw this.#failure(error);
    }
  }

  release(): void {
    if (this.#released) return;
    this.#released = true;
    void this.#giveBack();
  }

  async #giveBack(): Promise<void> {
    // The next one must not find itself in a transaction that was left open.
    if (this.#inTransaction && this.#broken === null) await this.#client.query('rollback').catch(this.#onError);
    this.#client.off('error', this.#onError);
    this.#client.release(this.#broken ?? false);
  }

  #follow(command: string | null): void {
    if (command === 'BEGIN' || command === 'START') this.#inTransaction = true;
    else if (command === 'COMMIT' || command === 'ROLLBACK') this.#inTransaction = false;
  }

  #failure(error: unknown): unknown {
    const lost = connectionFailure(error, this.#place);
    if (lost !== null) {
      this.#broken ??= lost;
      return lost;
    }
    return error instanceof pg.DatabaseError ? new SqlError(error, error) : error;
  }

  readonly #onError = (error: Error): void => {
    this.#broken ??= error;
  };
}
