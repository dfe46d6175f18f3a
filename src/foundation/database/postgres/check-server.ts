import { StudioError } from '../../core/errors.ts';
import type { EngineConnection } from '../engine.ts';

const OLDEST_SERVER = 15;
const OLDEST_PGVECTOR = [0, 8, 0] as const;
/** pgvector 0.8.2 and 0.8.3 were about memory and corruption of HNSW indexes; 0.8.4 has them all. */
const GOOD_PGVECTOR = [0, 8, 4] as const;

/**
 * Throws `database_unsuitable` when the server is too old or has no pgvector. An older pgvector that is installed in
 * the database is brought up to what the server has, where the user may do that.
 */
export async function checkServer(connection: EngineConnection, log: (message: string) => void): Promise<void> {
  const { rows } = await connection.query<{ version: number; name: string }>(
    `select current_setting('server_version_num')::integer as version, current_setting('server_version') as name`,
  );
  const server = rows[0]!;
  if (server.version < OLDEST_SERVER * 10_000) {
    throw new StudioError(
      'database_unsuitable',
      `The server is PostgreSQL ${server.name}; ${OLDEST_SERVER} is the oldest that serves.`,
      { hint: 'Use a newer server, or leave DATABASE_URL out for the embedded database.' },
    );
  }
  const version = await pgvectorVersion(connection);
  if (compare(version, OLDEST_PGVECTOR) < 0) throw unsuitable(version);
  if (compare(version, GOOD_PGVECTOR) < 0) {
    log(`pgvector ${version} has known faults of HNSW indexes; 0.8.4 and later do not.`);
  }
}

async function pgvectorVersion(connection: EngineConnection): Promise<string> {
  const { rows } = await connection.query<{ installed: string | null; offered: string }>(
    `select installed_version as installed, default_version as offered from pg_available_extensions where name = 'vector'`,
  );
  const found = rows[0];
  if (found === undefined) throw unsuitable(null);
  // Not installed in this database yet: the first migration does that.
  if (found.installed === null) return found.offered;
  if (compare(found.installed, OLDEST_PGVECTOR) >= 0) return found.installed;
  try {
    await connection.query('alter extension vector update');
    return found.offered;
  } catch {
    return found.installed;
  }
}

function unsuitable(version: string | null): StudioError {
  const what = version === null ? 'has no pgvector' : `has pgvector ${version}; 0.8 is the oldest that serves`;
  return new StudioError('database_unsuitable', `The PostgreSQL server ${what}.`, {
    hint: 'Install pgvector 0.8.4 or later on the server (package postgresql-<major>-pgvector), then try again.',
  });
}

function compare(version: string, other: string | readonly number[]): number {
  const left = version.split('.').map(Number);
  const right = typeof other === 'string' ? other.split('.').map(Number) : other;
  for (let index = 0; index < 3; index++) {
    const difference = (left[index] ?? 0) - (right[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
