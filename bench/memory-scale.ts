/**
 * What remembered queries cost a search: the same catalogue in collections that remember none, 1,000, 10,000 and 100,000 queries,
 * asked in turns in one run, so that whatever else the machine does falls on all of them alike.
 *   node bench/memory-scale.ts [--items 2000] [--searches 200] [--sizes 0,1000,10000,100000] [--plans] [--database-url postgres://…]
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { sql } from 'kysely';
import { readTagQueries } from '../demo/icons.ts';
import { table } from '../demo/table.ts';
import { createRandom } from '../src/foundation/core/random.ts';
import { NO_SPREAD } from '../src/learning/improvement/click-spread.ts';
import { writeMemories } from '../src/learning/improvement/learning-queries.ts';
import { keepMemoryStatistics } from '../src/learning/improvement/memory-queries.ts';
import { createStudio } from '../src/studio.ts';
import { makeItems } from './support/made-items.ts';
import { statementLog } from './support/statement-log.ts';

const { values: options } = parseArgs({
  options: {
    items: { type: 'string', default: '2000' },
    searches: { type: 'string', default: '200' },
    sizes: { type: 'string', default: '0,1000,10000,100000' },
    plans: { type: 'boolean', default: false },
    'database-url': { type: 'string' },
  },
});
const count = Number(options.items);
const folder = await mkdtemp(join(tmpdir(), 'memory-scale-'));
const studio = await createStudio({ dataDirectory: folder, databaseUrl: options['database-url'] });
const { db, engine } = studio.database;
const { collections, items, search } = studio.services;
const texts = createRandom(1).shuffle((await readTagQueries()).map((query) => query.text));
const model = await studio.models.encoder('starter');
const space = model.outputs[0]?.space ?? '';
const vectors = await model.encodeQueries(texts.slice(0, 1000).map((text) => ({ text })));

/** A collection that remembers so many queries: a thousand of people's, and each of them again under other names. */
async function prepare(size: number): Promise<string> {
  const name = `remembers-${size}`;
  await collections.delete(name).catch(() => {});
  await collections.put(name, { fields: { name: { type: 'text', embed: true, lexical: true } } });
  const { sequence } = await items.upsert(
    name,
    (await makeItems(0, count)).map(({ id, name }) => ({ id, name })),
  );
  await items.waitIndexed(name, sequence, 3600);
  const { id } = await collections.get(name);
  const cells = Object.fromEntries(
    Array.from({ length: 20 }, (_, n) => [`item-${n * 7}`, { clicks: 1 + (n % 3), expected: 1.5 }]),
  );
  const real = vectors.slice(0, Math.min(size, 1000)).map((vector, number) => ({
    queryKey: texts[number] ?? '',
    space,
    vector,
    cells,
    spread: NO_SPREAD,
  }));
  for (let start = 0; start < real.length; start += 100)
    await writeMemories(db, id, real.slice(start, start + 100), new Date());
  for (let copy = 1; copy * 1000 < size; copy++)
    await sql`
      insert into memory_queries (collection_id, query_key, text, space, embedding, cells, clicks, updated_at)
      select collection_id, query_key || ${` ${copy}`}, text, space, embedding, cells, clicks, updated_at - ${copy} * interval '1 minute'
      from memory_queries where collection_id = ${id} and text = query_key`.execute(db);
  return name;
}

const names: string[] = [];
for (const size of options.sizes.split(',')) names.push(await prepare(Number(size)));
await keepMemoryStatistics(db);

const times = names.map((): number[] => []);
const rounds = Number(options.searches);
for (let round = -20; round < rounds; round++) {
  // Another collection begins each round, and no query comes twice: no cache of encoded queries helps any of them.
  for (let turn = 0; turn < names.length; turn++) {
    const which = (turn + round + names.length * 20) % names.length;
    const text = `${texts[(round + 20) % texts.length]} ${round} ${which}`;
    const started = performance.now();
    await search.search(names[which] ?? '', { query: [{ text }], limit: 10, record: false });
    if (round >= 0) times[which]?.push(performance.now() - started);
  }
}

const at = (sorted: readonly number[], share: number): number => sorted[Math.floor(sorted.length * share)] ?? 0;
const [none = []] = times;
for (const list of times) list.sort((left, right) => left - right);
console.log(
  table(
    [`${engine.kind === 'pglite' ? 'embedded' : 'PostgreSQL'}, ${count} items`, 'p50 ms', 'p95 ms', 'p50 of none'],
    times.map((list, which) => [
      names[which] ?? '',
      at(list, 0.5).toFixed(1),
      at(list, 0.95).toFixed(1),
      (at(list, 0.5) / at(none, 0.5)).toFixed(2),
    ]),
  ),
);

if (options.plans) {
  const log = statementLog(engine);
  log.start();
  await search.search(names.at(-1) ?? '', { query: [{ text: 'plans are drawn' }], limit: 10, record: false });
  const session = await engine.acquire();
  for (const { sql: text, parameters } of log.stop().filter((statement) => statement.sql.includes('memory_queries'))) {
    const { rows } = await session.query(`explain (analyze, buffers, costs off) ${text}`, parameters);
    console.log(`\n${rows.map((row) => Object.values(row as object).join(' ')).join('\n')}`);
  }
  session.release();
}
for (const name of names) await collections.delete(name);
await studio.close();
await rm(folder, { recursive: true, force: true });
