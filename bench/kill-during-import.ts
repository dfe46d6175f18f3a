/**
 * Twenty rounds of kill -9 at random moments of an import, on each database.
 *   node bench/kill-during-import.ts [--rounds 20] [--database-url postgres://…]
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { table } from '../demo/table.ts';
import { createRandom } from '../src/foundation/core/random.ts';
import { killRound, type Round } from '../test/crash/kill-rounds.ts';

const { values: options } = parseArgs({
  options: { rounds: { type: 'string', default: '20' }, 'database-url': { type: 'string' } },
});
const rows: string[][] = [];
for (const databaseUrl of [undefined, ...(options['database-url'] === undefined ? [] : [options['database-url']])]) {
  const dataDirectory = await mkdtemp(join(tmpdir(), 'crash-'));
  const random = createRandom(3);
  const rounds: Round[] = [];
  for (let round = 0; round < Number(options.rounds); round++)
    rounds.push(await killRound({ dataDirectory, databaseUrl }, round * 100_000, random));
  await rm(dataDirectory, { recursive: true, force: true });
  const sum = (of: (round: Round) => number): string => String(rounds.reduce((total, round) => total + of(round), 0));
  rows.push([
    databaseUrl === undefined ? 'embedded' : 'PostgreSQL',
    String(rounds.length),
    sum((r) => r.acknowledged),
    sum((r) => r.missing),
    sum((r) => r.astray),
  ]);
}
console.log(table(['database', 'kills', 'items acknowledged', 'missing', 'index rows astray'], rows));
