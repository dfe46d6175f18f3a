import { parentPort, workerData } from 'node:worker_threads';
import type { PGlite } from '@electric-sql/pglite';
import type { WorkerAnswer, WorkerRequest, WorkerStart } from './messages.ts';
import { runStatement } from './run-statement.ts';
import { startDatabase } from './start-database.ts';
import { writeTemplate } from './template-file.ts';

/** Runs PGlite beside the main thread: building an HNSW index keeps a thread busy for seconds. */
const port = parentPort!;
const answer = (message: WorkerAnswer): void => port.postMessage(message);

async function serve(database: PGlite, request: WorkerRequest): Promise<void> {
  const { id } = request;
  try {
    if (request.kind === 'query') {
      const { rows, affectedRows, error, inTransaction } = runStatement(database, request.sql, request.parameters);
      if (error === null) answer({ kind: 'done', id, rows, affectedRows, inTransaction });
      else answer({ kind: 'refused', id, error, inTransaction });
      return;
    }
    if (request.kind === 'save-template') {
      runStatement(database, 'checkpoint', []);
      await writeTemplate(request.file, await database.dumpDataDir('none'));
    } else {
      await database.close();
    }
    answer({ kind: 'done', id, rows: [], affectedRows: 0, inTransaction: false });
  } catch (error) {
    answer({ kind: 'broken', id, message: error instanceof Error ? error.message : String(error) });
  }
}

try {
  const database = await startDatabase(workerData as WorkerStart);
  port.on('message', (request: WorkerRequest) => void serve(database, request));
  answer({ kind: 'ready' });
} catch (error) {
  answer({ kind: 'start-failed', message: error instanceof Error ? error.message : String(error) });
}
