/**
 * Works on a run for ever and says how far it is; whoever started it kills it.
 *   node running-process.ts <data directory> [database url]
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { openDatabase } from '../../src/foundation/database/open-database.ts';
import { Runs } from '../../src/foundation/jobs/runs.ts';

const [dataDirectory = '', databaseUrl] = process.argv.slice(2);
const { db, engine } = await openDatabase({ dataDirectory, ...(databaseUrl === undefined ? {} : { databaseUrl }) });
const runs = new Runs({
  db,
  engine,
  leaseSeconds: 2,
  beatSeconds: 0.5,
  onError: (error) => console.error(error),
  kinds: [
    {
      kind: 'endless',
      async work(_, { runId, attempt, progress }) {
        for (let done = 1; ; done++) {
          progress({ done, total: null });
          await sleep(20);
          if (done % 50 === 0) process.stdout.write(`${JSON.stringify({ runId, attempt })}\n`);
        }
      },
    },
  ],
});
const { runs: there } = await runs.list();
if (there.length === 0) await runs.start('endless', null, { for: 'ever' });
runs.open();
