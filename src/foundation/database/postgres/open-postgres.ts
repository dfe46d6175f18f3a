import { checkServer } from './check-server.ts';
import { PostgresEngine, type PostgresEngineOptions } from './postgres-engine.ts';

export interface OpenPostgresOptions extends PostgresEngineOptions {
  /** Brings the tables up to date. */
  readonly prepare: (engine: PostgresEngine) => Promise<void>;
}

/** Connects, looks whether the server will do, and prepares the tables. */
export async function openPostgres(options: OpenPostgresOptions): Promise<PostgresEngine> {
  const engine = new PostgresEngine(options);
  try {
    const connection = await engine.acquire();
    try {
      await checkServer(connection, (message) => options.log('warn', message));
    } finally {
      connection.release();
    }
    await options.prepare(engine);
    return engine;
  } catch (error) {
    await engine.close();
    throw error;
  }
}
