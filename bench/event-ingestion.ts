/**
 * Events a second through the API, beside the bare multi-row INSERT of the same rows into an equal table of the same
 * database. In turns, in one run; the client is a process of its own.
 *   node bench/event-ingestion.ts [--events 60000] [--batch 1000] [--rounds 3] [--database-url postgres://…]
 */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { sql } from 'kysely';
import { table } from '../demo/table.ts';
import { newId } from '../src/foundation/core/ids.ts';
import { insertSearches } from '../src/learning/feedback/feedback-queries.ts';
import { createStudio } from '../src/studio.ts';
import { createLogger } from '../src/surfaces/api/request-log.ts';
import { createServer } from '../src/surfaces/api/server.ts';

const { values: options } = parseArgs({
  options: {
    events: { type: 'string', default: '60000' },
    batch: { type: 'string', default: '1000' },
    rounds: { type: 'string', default: '3' },
    connections: { type: 'string', default: '2' },
    'database-url': { type: 'string' },
  },
});
const [events, batch, rounds] = [Number(options.events), Number(options.batch), Number(options.rounds)];
const SEARCHES = 5000;
const QUERIES = 1000;
const SHOWN = 10;

const folder = await mkdtemp(join(tmpdir(), 'ingestion-'));
const studio = await createStudio({ dataDirectory: folder, databaseUrl: options['database-url'] });
const { db } = studio.database;
await studio.services.collections.delete('ingested').catch(() => {});
await studio.services.collections.put('ingested', { fields: { name: { type: 'text', embed: true, lexical: true } } });
const collection = await studio.services.collections.get('ingested');
const now = new Date();
const searches = Array.from({ length: SEARCHES }, (_, number) => ({
  id: newId(now),
  items: Array.from({ length: SHOWN }, (_, position) => `item ${(number * 31 + position) % 20_000}`),
}));
for (let start = 0; start < SEARCHES; start += 500) {
  await insertSearches(
    db,
    searches.slice(start, start + 500).map(({ id, items }, offset) => ({
      searchId: id,
      collectionId: collection.id,
      releaseId: collection.liveReleaseId as string,
      request: { query: [{ text: `query ${(start + offset) % QUERIES}` }] },
      queryText: `query ${(start + offset) % QUERIES}`,
      user: `shopper ${(start + offset) % 1000}`,
      session: null,
      itemIds: items,
      scores: items.map(() => 0.5),
      propensities: items.map(() => 1),
      firstPosition: 1,
      continues: false,
      total: SHOWN,
      tookMs: 5,
      at: now,
    })),
  );
}
await sql`drop table if exists bare_events`.execute(db);
await sql`create table bare_events (like events including all)`.execute(db);
const searchesFile = join(folder, 'searches.json');
await writeFile(searchesFile, JSON.stringify(searches));
const server = createServer(studio.services, { logger: createLogger('error') });
const url = await server.listen();

/** `values (…), (…), …` with a parameter for every value. */
async function insertBare(start: number): Promise<void> {
  const rows = Array.from({ length: batch }, (_, offset) => {
    const number = start + offset;
    const search = searches[(number * 7919) % SEARCHES] as (typeof searches)[number];
    const item = search.items[number % SHOWN];
    return sql`(${`event ${number}`}, ${collection.id}::integer, ${search.id}::uuid, ${item}, 'click', ${(number % SHOWN) + 1}::integer,
      ${number % 50}::double precision, ${`shopper ${number % 1000}`}, ${now}::timestamptz, ${now}::timestamptz)`;
  });
  await sql`insert into bare_events (id, collection_id, search_id, item_id, type, position, value, user_id, at, received_at)
    values ${sql.join(rows)}`.execute(db);
}

/** So that what one round left to learn does not slow the next. */
async function settle(): Promise<number> {
  const started = performance.now();
  for (;;) {
    const { rows } = await sql<{ due: number }>`
      select ((select count(*) from memory_due) + (select count(*) from guard_due))::integer as due`.execute(db);
    if (rows[0]?.due === 0) return (performance.now() - started) / 1000;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

const rates: Array<{ readonly bare: number; readonly api: number; readonly settled: number }> = [];
for (let round = 0; round < rounds; round++) {
  const first = round * events;
  const started = performance.now();
  for (let start = first; start < first + events; start += batch) await insertBare(start);
  const bare = events / ((performance.now() - started) / 1000);
  const script = fileURLToPath(new URL('./support/event-sender.ts', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [
    script,
    url,
    ...[first, events, batch, options.connections].map(String),
    searchesFile,
  ]);
  const sent = JSON.parse(stdout) as { accepted: number; milliseconds: number };
  if (sent.accepted !== events) throw new Error(`Only ${sent.accepted} of ${events} events were accepted.`);
  rates.push({ bare, api: events / (sent.milliseconds / 1000), settled: await settle() });
}
await server.close();
await sql`drop table bare_events`.execute(db);
const engine = studio.database.engine.kind === 'pglite' ? 'embedded' : 'PostgreSQL';
await studio.close();
await rm(folder, { recursive: true, force: true });
console.log(
  table(
    [
      `${engine}, batches of ${batch}, ${QUERIES} queries`,
      'bare INSERT, events/s',
      'API, events/s',
      'ratio',
      'all learned, s later',
    ],
    rates.map(({ bare, api, settled }, round) => [
      `round ${round + 1}, ${events} events`,
      bare.toFixed(0),
      api.toFixed(0),
      (api / bare).toFixed(2),
      settled.toFixed(1),
    ]),
  ),
);
