/**
 * How long after a click is sent a search shows that it counts: clicks arrive evenly through the API, others search
 * meanwhile, and whoever clicked asks again until `explain` names the click.
 *   node bench/click-latency.ts [--rate 50] [--seconds 60] [--items 2000] [--searches-per-second 5] [--database-url postgres://…]
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { table } from '../demo/table.ts';
import { createRandom } from '../src/foundation/core/random.ts';
import { createStudio } from '../src/studio.ts';
import { createLogger } from '../src/surfaces/api/request-log.ts';
import { createServer } from '../src/surfaces/api/server.ts';
import { ApiError } from '../src/surfaces/sdk/api-error.ts';
import { createClient } from '../src/surfaces/sdk/client.ts';
import { makeItems } from './support/made-items.ts';

const { values: options } = parseArgs({
  options: {
    rate: { type: 'string', default: '50' },
    seconds: { type: 'string', default: '60' },
    items: { type: 'string', default: '2000' },
    'searches-per-second': { type: 'string', default: '5' },
    'database-url': { type: 'string' },
  },
});
const [rate, seconds] = [Number(options.rate), Number(options.seconds)];
/** One click in so many is watched; watching is searching, which would otherwise be most of the work. */
const WATCHED = 25;
const PAUSE_MILLISECONDS = 20;
/** So many clicks go to one query. */
const CLICKS_OF_A_QUERY = 5;
const NAME = 'clicked';

const folder = await mkdtemp(join(tmpdir(), 'click-latency-'));
const studio = await createStudio({ dataDirectory: folder, databaseUrl: options['database-url'] });
await studio.services.collections.delete(NAME).catch(() => {});
await studio.services.collections.put(NAME, {
  fields: { name: { type: 'text', embed: true, lexical: true }, kind: { type: 'keyword' } },
});
const made = await makeItems(0, Number(options.items));
const { sequence } = await studio.services.items.upsert(NAME, made);
await studio.services.items.waitIndexed(NAME, sequence, 3600);
const server = createServer(studio.services, { logger: createLogger('silent') });
const client = createClient({ baseUrl: await server.listen() });
const random = createRandom(1);
const words = made.map(({ name }) => name.split(' ').slice(0, 2).join(' '));

// Everybody has searched before the clock starts: what is measured is the way of a click.
const clicks = rate * seconds;
const shown: Array<{ query: string; user: string; searchId: string; itemId: string }> = [];
for (let number = 0; number < clicks; number++) {
  const group = Math.floor(number / CLICKS_OF_A_QUERY);
  const query = `${words[group % words.length]} ${group}`;
  const user = `shopper ${number}`;
  const { searchId, hits } = await client.search(NAME, { query, user, limit: 10, fields: [] });
  const hit = hits[number % Math.max(1, hits.length)];
  if (searchId !== null && hit !== undefined) shown.push({ query, user, searchId, itemId: hit.id });
}

/** A server that is asked too much says so, and whoever clicked tries again; the wait counts. */
async function patiently<T>(ask: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 503) throw error;
      await sleep(PAUSE_MILLISECONDS);
    }
  }
}

const latencies: number[] = [];
const acknowledged: number[] = [];
const clicksShown = async (query: string, itemId: string): Promise<number> => {
  const { hits } = await patiently(() =>
    client.search(NAME, { query, record: false, explain: true, limit: 20, fields: [] }),
  );
  const signals = hits.find(({ id }) => id === itemId)?.explain?.signals as
    | { memory?: { why?: { from?: Array<{ query: string | null; similarity: number; clicks: number }> } } }
    | undefined;
  return signals?.memory?.why?.from?.find(({ similarity }) => similarity === 1)?.clicks ?? 0;
};
async function clickOn({ query, user, searchId, itemId }: (typeof shown)[number], watched: boolean): Promise<void> {
  const before = watched ? await clicksShown(query, itemId) : 0;
  const started = performance.now();
  const sent = patiently(() => client.sendEvents({ events: [{ searchId, itemId, type: 'click', user }] })).then(
    ({ accepted }) => {
      if (accepted !== 1) throw new Error('A click was not accepted.');
      acknowledged.push(performance.now() - started);
    },
  );
  // A click decays from its first moment on; a new one is far more than that.
  while (watched && (await clicksShown(query, itemId)) < before + 0.5) await sleep(PAUSE_MILLISECONDS);
  if (watched) latencies.push(performance.now() - started);
  await sent;
}

let isOver = false;
let searches = 0;
const searching = (async () => {
  while (!isOver) {
    await patiently(() =>
      client.search(NAME, { query: words[random.integer(words.length)] ?? 'arrow', record: false, limit: 10 }),
    );
    searches++;
    await sleep(1000 / Number(options['searches-per-second']));
  }
})();
const begun = performance.now();
const pending: Array<Promise<void>> = [];
for (const [number, one] of random.shuffle(shown).entries()) {
  await sleep(Math.max(0, begun + (number * 1000) / rate - performance.now()));
  pending.push(clickOn(one, number % WATCHED === 0));
}
await Promise.all(pending);
const took = (performance.now() - begun) / 1000;
isOver = true;
await searching;

const at = (times: number[], share: number): string =>
  (times.sort((left, right) => left - right)[Math.floor(times.length * share)] ?? 0).toFixed(0);
const engine = studio.database.engine.kind === 'pglite' ? 'embedded' : 'PostgreSQL';
console.log(
  table(
    [
      `${engine}, ${(pending.length / took).toFixed(0)} clicks/s, ${(searches / took).toFixed(1)} other searches/s`,
      'p50 ms',
      'p99 ms',
      'measured',
    ],
    [
      ['sent until acknowledged', at(acknowledged, 0.5), at(acknowledged, 0.99), String(acknowledged.length)],
      ['sent until a search shows it', at(latencies, 0.5), at(latencies, 0.99), String(latencies.length)],
    ],
  ),
);
await server.close();
await studio.services.collections.delete(NAME);
await studio.close();
await rm(folder, { recursive: true, force: true });
