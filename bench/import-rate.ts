/**
 * Items a second from the API to searchable, beside the encoder alone; memory; the longest pause of the event loop.
 *   node bench/import-rate.ts [--items 20000] [--database-url postgres://…]
 */
import { parseArgs } from 'node:util';
import { table } from '../demo/table.ts';
import { createStudio } from '../src/studio.ts';
import { watchEventLoop } from './support/loop-turns.ts';
import { makeItems } from './support/made-items.ts';

const { values: options } = parseArgs({
  options: { items: { type: 'string', default: '20000' }, 'database-url': { type: 'string' } },
});
const count = Number(options.items);
const studio = await createStudio({ dataDirectory: 'memory', databaseUrl: options['database-url'] });
const { collections, items } = studio.services;
const NAME = 'rate';
await collections.put(NAME, {
  fields: { name: { type: 'text', embed: true, lexical: true }, kind: { type: 'keyword', filter: true, facet: true } },
});

const encoder = await studio.models.encoder('starter');
const sample = (await makeItems(1_000_000, Math.min(5000, count))).map((item) => ({ text: item.name }));
await encoder.encodeItems(sample.slice(0, 200));
const encoding = performance.now();
for (let start = 0; start < sample.length; start += 500) await encoder.encodeItems(sample.slice(start, start + 500));
const raw = sample.length / ((performance.now() - encoding) / 1000);

const pauses = watchEventLoop();
const started = performance.now();
let sequence = 0;
for (let start = 0; start < count; start += 2000)
  sequence = (await items.upsert(NAME, await makeItems(start, Math.min(2000, count - start)))).sequence;
const stored = count / ((performance.now() - started) / 1000);
await items.waitIndexed(NAME, sequence, 7200);
const rate = count / ((performance.now() - started) / 1000);
const { longestLateness, latenessPercentile999, longestTurn } = pauses();
const engine = studio.database.engine.kind === 'pglite' ? 'embedded' : 'PostgreSQL';
console.log(
  table(
    [`${engine}, ${count} items`, ''],
    [
      ['encoder alone, items/s', raw.toFixed(0)],
      ['stored, items/s', stored.toFixed(0)],
      ['stored and searchable, items/s', rate.toFixed(0)],
      ['of the encoder alone', (rate / raw).toFixed(2)],
      ['longest turn of the event loop, processor ms', longestTurn.toFixed(0)],
      ['longest lateness of a timer, ms', longestLateness.toFixed(0)],
      ['99.9th percentile of lateness, ms', latenessPercentile999.toFixed(1)],
      ['resident memory, MB', (process.memoryUsage().rss / 1e6).toFixed(0)],
    ],
  ),
);
await studio.close();
