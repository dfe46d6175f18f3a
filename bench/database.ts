import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { sql } from 'kysely';
import { type OpenDatabaseOptions, openDatabase } from '../src/foundation/database/open-database.ts';

/**
 * What the database layer costs: starting, one small statement, one commit. PGlite called directly, in the same thread,
 * is the bare thing; DATABASE_URL adds a PostgreSQL server (its tables are made if they are not there).
 */
const QUERIES = 3_000;
const COMMITS = 300;
const STARTS = 5;

const folder = await mkdtemp(join(tmpdir(), 'bench-database-'));
process.env.XDG_CACHE_HOME = join(folder, 'cache');

function median(values: number[]): number {
  return values.toSorted((left, right) => left - right)[values.length >> 1]!;
}

async function milliseconds(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

async function openTimes(options: (round: number) => OpenDatabaseOptions, rounds: number): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const start = performance.now();
    const { close } = await openDatabase(options(round));
    times.push(performance.now() - start);
    await close();
  }
  return median(times);
}

async function statements(run: (n: number) => Promise<unknown>, count: number): Promise<number> {
  for (let n = 0; n < 200; n++) await run(n);
  const times: number[] = [];
  for (let n = 0; n < count; n++) times.push(await milliseconds(() => run(n)));
  return median(times);
}

const figures: Record<string, string> = {};
const add = (name: string, value: number): void => {
  figures[name] = `${value.toFixed(value < 10 ? 3 : 0)} ms`;
};

add('first start ever, on disk (makes the template)', await openTimes(() => ({ dataDirectory: join(folder, 'a') }), 1));
add(
  'first start from the template, on disk',
  await openTimes((round) => ({ dataDirectory: join(folder, `b${round}`) }), STARTS),
);
add('first start from the template, in memory', await openTimes(() => ({}), STARTS));
add('later start, on disk', await openTimes(() => ({ dataDirectory: join(folder, 'a') }), STARTS));

const bare = new PGlite();
add('PGlite alone: select $1', await statements((n) => bare.query('select $1::integer as n', [n]), QUERIES));
await bare.close();

for (const [name, options] of [
  ['embedded', { dataDirectory: join(folder, 'a') }],
  ['embedded, fsync off', { dataDirectory: join(folder, 'a'), fsync: false }],
  ...(process.env.DATABASE_URL === undefined
    ? []
    : [['PostgreSQL', { databaseUrl: process.env.DATABASE_URL }] as const]),
] as const) {
  const { engine, db, close } = await openDatabase(options);
  const session = await engine.acquire();
  add(
    `${name}: select $1 on a session`,
    await statements((n) => session.query('select $1::integer as n', [n]), QUERIES),
  );
  session.release();
  add(
    `${name}: select $1 through Kysely`,
    await statements((n) => sql`select ${n}::integer as n`.execute(db), QUERIES),
  );
  await sql`create table if not exists bench_commits (n integer)`.execute(db);
  add(
    `${name}: insert and commit`,
    await statements((n) => sql`insert into bench_commits values (${n})`.execute(db), COMMITS),
  );
  add(
    `${name}: 10,000 rows of 4 columns`,
    await statements(
      () =>
        sql`select n, n::text as t, n / 3.0 as f, now() as at
    from generate_series(1, 10000) n`.execute(db),
      15,
    ),
  );
  await sql`drop table bench_commits`.execute(db);
  await close();
}

console.table(figures);
await rm(folder, { recursive: true, force: true });
