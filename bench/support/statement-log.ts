import type { Engine, EngineConnection } from '../../src/foundation/database/engine.ts';

export interface Statement {
  readonly sql: string;
  readonly parameters: readonly unknown[];
}

/** Notes the statements that pass through an engine between start and stop. */
export function statementLog(engine: Engine): { start(): void; stop(): Statement[] } {
  let noted: Statement[] | null = null;
  const acquire = engine.acquire.bind(engine);
  engine.acquire = async (): Promise<EngineConnection> => {
    const session = await acquire();
    const query = session.query.bind(session);
    session.query = (sql, parameters = []) => {
      noted?.push({ sql, parameters });
      return query(sql, parameters);
    };
    return session;
  };
  return {
    start() {
      noted = [];
    },
    stop() {
      const statements = noted ?? [];
      noted = null;
      return statements;
    },
  };
}
