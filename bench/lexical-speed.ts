/**
 * Write rate, size and latency of the lexical index; items are repeated until there are enough.
 *   node bench/lexical-speed.ts [--set esci|icecat] [--items 20000] [--limit 200] [--database-url …]
 */
import { parseArgs } from 'node:util';
import { sql } from 'kysely';
import { table } from '../demo/table.ts';
import { openDatabase } from '../src/foundation/database/open-database.ts';
import type { ItemCondition } from '../src/serving/indexes/ports.ts';
import { openLexical } from '../test/support/lexical.ts';
import { loadEsci, loadIcecat } from './support/datasets.ts';

const { values: options } = parseArgs({
  options: {
    set: { type: 'string', default: 'icecat' },
    items: { type: 'string', default: '20000' },
    limit: { type: 'string', default: '200' },
    'database-url': { type: 'string' },
  },
});
const BATCH = 256;
const ROUNDS = 3;
const count = Number(options.items);
const dataset = options.set === 'esci' ? loadEsci() : loadIcecat();
const url = options['database-url'];
const { db, engine, close } = await openDatabase(
  url === undefined ? { dataDirectory: 'memory' } : { databaseUrl: url },
);
const bench = await openLexical(db, { fields: dataset.fields });
const payloadOf = (key: number): Readonly<Record<string, unknown>> => dataset.items[key % dataset.items.length] ?? {};

let applying = 0;
for (let from = 1; from <= count; from += BATCH) {
  const keys = Array.from({ length: Math.min(BATCH, count + 1 - from) }, (_, at) => from + at);
  const changes = await bench.writeItems(new Map(keys.map((key) => [key, payloadOf(key)])));
  applying += await millisecondsOf(() => bench.apply(changes));
}
const updates: number[] = [];
for (let round = 0; round < 100; round++) {
  const key = 1 + ((round * 7919) % count);
  const changes = await bench.writeItems(new Map([[key, payloadOf(key + 1)]]));
  updates.push(await millisecondsOf(() => bench.apply(changes)));
}
const { rows } = await sql<{ bytes: number }>`
  select pg_total_relation_size(${`postings_${bench.indexId}`}) + pg_total_relation_size(${`documents_${bench.indexId}`})
    + pg_total_relation_size(${`blocks_${bench.indexId}`}) as bytes`.execute(db);
await sql`analyze`.execute(db);
console.log(`${engine.kind}, ${dataset.name}, ${count} items: ${Math.round((1000 * count) / applying)} items/s indexed, \
${((rows[0]?.bytes ?? 0) / 1e6).toFixed(0)} MB, one item changed in ${percentiles(updates)} ms`);

const conditions: ReadonlyArray<readonly [string, ItemCondition]> = [
  ['none', undefined],
  ['half', sql<boolean>`i.key % 2 = 0`],
  ['1 %', sql<boolean>`i.key % 100 = 0`],
];
const latencies: string[][] = [];
for (const cached of [false, true]) {
  for (const [name, condition] of conditions) {
    const times: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      for (const { text } of dataset.queries) {
        const index = cached ? bench.index : bench.openIndex();
        const request = { text, limit: Number(options.limit), ...(condition === undefined ? {} : { condition }) };
        times.push(await millisecondsOf(() => index.search(request)));
      }
    }
    latencies.push([cached ? 'as served' : 'nothing cached', name, percentiles(times)]);
  }
}
await bench.drop();
await close();
console.log(table(['postings', 'filter', 'p50 / p99 ms'], latencies));

async function millisecondsOf(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

function percentiles(times: readonly number[]): string {
  const sorted = [...times].sort((left, right) => left - right);
  const at = (share: number): string => (sorted[Math.floor(share * (sorted.length - 1))] ?? 0).toFixed(1);
  return `${at(0.5)} / ${at(0.99)}`;
}
