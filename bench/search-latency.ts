/**
 * Search over HTTP at 20,000 items beside the bare work that it contains: one encoded query and the same SQL on an idle session.
 *   node bench/search-latency.ts [--items 20000] [--searches 300] [--database-url postgres://…]
 */
import { Agent, request } from 'node:http';
import { parseArgs } from 'node:util';
import { readTagQueries } from '../demo/icons.ts';
import { table } from '../demo/table.ts';
import { createRandom } from '../src/foundation/core/random.ts';
import { createStudio } from '../src/studio.ts';
import { createLogger } from '../src/surfaces/api/request-log.ts';
import { createServer } from '../src/surfaces/api/server.ts';
import { makeItems } from './support/made-items.ts';
import { statementLog } from './support/statement-log.ts';

const { values: options } = parseArgs({
  options: {
    items: { type: 'string', default: '20000' },
    searches: { type: 'string', default: '300' },
    'database-url': { type: 'string' },
  },
});
const count = Number(options.items);
const studio = await createStudio({ dataDirectory: 'memory', databaseUrl: options['database-url'] });
const { collections, items, search } = studio.services;
const NAME = 'latency';
await collections.put(NAME, {
  fields: { name: { type: 'text', embed: true, lexical: true }, kind: { type: 'keyword', filter: true, facet: true } },
});
let sequence = 0;
for (let start = 0; start < count; start += 5000)
  sequence = (await items.upsert(NAME, await makeItems(start, Math.min(5000, count - start)))).sequence;
await items.waitIndexed(NAME, sequence, 3600);
const server = createServer(studio.services, { logger: createLogger('silent') });
const url = await server.listen();

const queries = createRandom(1).shuffle((await readTagQueries()).map((query) => query.text));
let next = 0;
// The plain client of Node: `fetch` takes a millisecond of its own, and client and server share a thread here.
const agent = new Agent({ keepAlive: true });
const ask = (): Promise<void> =>
  new Promise((resolve, reject) => {
    // Queries never repeat, so that the cache of encoded queries helps nobody.
    const body = JSON.stringify({ query: `${queries[next++ % queries.length]} ${next}`, limit: 10 });
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    const path = `${url}/v1/collections/${NAME}/search`;
    const sent = request(path, { method: 'POST', agent, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8');
        if (response.statusCode !== 200) return reject(new Error(text));
        JSON.parse(text);
        resolve();
      });
    });
    sent.on('error', reject);
    sent.end(body);
  });
const timed = async (searches: number, clients: number, work: () => Promise<void>): Promise<number[]> => {
  const times: number[] = [];
  let left = searches;
  await Promise.all(
    Array.from({ length: clients }, async () => {
      while (left-- > 0) {
        const start = performance.now();
        await work();
        times.push(performance.now() - start);
      }
    }),
  );
  return times.sort((left, right) => left - right);
};
const at = (times: readonly number[], share: number): string =>
  (times[Math.min(times.length - 1, Math.floor(times.length * share))] as number).toFixed(1);
const searches = Number(options.searches);
// Eight at a time, so that the sessions with a server are open before anything is timed.
await timed(100, 8, ask);

// The bare work: what one search sends to the database and the encoder, played again without the product around it.
const encoder = await studio.models.encoder('starter');
const log = statementLog(studio.database.engine);
const bare: number[] = [];
for (let round = 0; round < searches; round++) {
  const text = `${queries[next++ % queries.length]} ${next}`;
  log.start();
  await search.search(NAME, { query: [{ text }], limit: 10, record: false });
  const statements = log.stop();
  const start = performance.now();
  await encoder.encodeQueries([{ text: `${text} again` }]);
  const session = await studio.database.engine.acquire();
  try {
    for (const { sql, parameters } of statements) await session.query(sql, parameters);
  } finally {
    session.release();
  }
  bare.push(performance.now() - start);
}
bare.sort((left, right) => left - right);
const one = await timed(searches, 1, ask);
const eight = await timed(searches, 8, ask);
const engine = studio.database.engine.kind === 'pglite' ? 'embedded' : 'PostgreSQL';
console.log(
  table(
    [`${engine}, ${count} items`, 'p50 ms', 'p99 ms', 'of bare p50'],
    [
      ['bare SQL + encode, one after the other', at(bare, 0.5), at(bare, 0.99), '1.00'],
      ['HTTP search, 1 client', at(one, 0.5), at(one, 0.99), (Number(at(one, 0.5)) / Number(at(bare, 0.5))).toFixed(2)],
      ['HTTP search, 8 clients', at(eight, 0.5), at(eight, 0.99), ''],
    ],
  ),
);
agent.destroy();
await server.close();
await studio.close();
